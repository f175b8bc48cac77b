/**
 * The list with one more item at its end, in place or as a new list. A list that is pushed to keeps room for 17 items
 * (V8); short ones made here hold what they need, so use this for the many lists of a tree that stay, and are mostly short.
 */
export function appended<A>(items: A[], item: A): A[] {
  switch (items.length) {
    case 0:
      return [item];
    case 1:
      return [items[0]!, item];
    case 2:
      return [items[0]!, items[1]!, item];
    case 3:
      return [items[0]!, items[1]!, items[2]!, item];
    default:
      items.push(item);
      return items;
  }
}
