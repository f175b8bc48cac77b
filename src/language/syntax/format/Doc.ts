/**
 * Text with choices of layout, after Wadler ("A prettier printer") with Prettier's way of measuring: a group stands on
 * one line if it fits, else each of its own lines breaks.
 */

export type Doc =
  | string
  | { readonly kind: "cat"; readonly parts: readonly Doc[]; readonly hard: boolean }
  /** A line break in a broken group, `flat` in one that fits. */
  | { readonly kind: "line"; readonly flat: string; readonly hard: false }
  /** An empty line and a line break. */
  | { readonly kind: "blank"; readonly hard: true }
  | { readonly kind: "indent"; readonly doc: Doc; readonly hard: boolean }
  | { readonly kind: "group"; readonly doc: Doc; readonly hard: boolean }
  /** A comment at the end of a line; a line break must follow. */
  | { readonly kind: "comment"; readonly text: string; readonly hard: true }
  | { readonly kind: "ifBroken"; readonly broken: string; readonly flat: string; readonly hard: false }
  /** `flat` if it fits, else `hug` if its first line fits, else `spread`. */
  | { readonly kind: "choose"; readonly flat: Doc; readonly hug: Doc; readonly spread: Doc; readonly hard: boolean };

export const WIDTH_COLUMNS = 100;
const INDENT = "  ";

export const isHard = (doc: Doc): boolean => typeof doc !== "string" && doc.hard;

export const cat = (...parts: readonly Doc[]): Doc => ({ kind: "cat", parts, hard: parts.some(isHard) });

/** A line break, or a space when all fits on one line. */
export const line: Doc = { kind: "line", flat: " ", hard: false };
/** A line break, or nothing. */
export const softline: Doc = { kind: "line", flat: "", hard: false };
/** What separates the items of braces: a line break, or `; `. */
export const separator: Doc = { kind: "line", flat: "; ", hard: false };
export const blank: Doc = { kind: "blank", hard: true };

export const indent = (doc: Doc): Doc => ({ kind: "indent", doc, hard: isHard(doc) });
export const group = (doc: Doc, broken = false): Doc => ({ kind: "group", doc, hard: broken || isHard(doc) });
export const comment = (text: string): Doc => ({ kind: "comment", text, hard: true });
export const ifBroken = (broken: string, flat = ""): Doc => ({ kind: "ifBroken", broken, flat, hard: false });
export const choose = (flat: Doc, hug: Doc, spread: Doc): Doc => ({
  kind: "choose",
  flat,
  hug,
  spread,
  hard: isHard(flat),
});

export function join(docs: readonly Doc[], between: Doc): Doc {
  const parts: Doc[] = [];
  docs.forEach((doc, i) => {
    if (i > 0) parts.push(between);
    parts.push(doc);
  });
  return cat(...parts);
}

type Command = { readonly doc: Doc; readonly indent: number; readonly flat: boolean };

/** The text, without a line break at its end. */
export function render(doc: Doc, startIndent = 0): string {
  const stack: Command[] = [{ doc, indent: startIndent, flat: false }];
  let text = "";
  let column = startIndent * INDENT.length;
  const newLine = (indent: number, breaks = "\n"): void => {
    text = text.trimEnd() + breaks + INDENT.repeat(indent);
    column = indent * INDENT.length;
  };
  const parts: string[] = [];
  const flush = (): void => {
    // Line by line, so that trimming stays cheap.
    const end = text.lastIndexOf("\n") + 1;
    parts.push(text.slice(0, end));
    text = text.slice(end);
  };
  while (stack.length > 0) {
    const command = stack.pop()!;
    const { doc: now, indent: depth, flat } = command;
    if (typeof now === "string") {
      text += now;
      column += widthOf(now);
      continue;
    }
    switch (now.kind) {
      case "cat":
        for (let i = now.parts.length - 1; i >= 0; i--) stack.push({ doc: now.parts[i]!, indent: depth, flat });
        break;
      case "line":
        if (flat) {
          text += now.flat;
          column += now.flat.length;
        } else {
          newLine(depth);
          flush();
        }
        break;
      case "blank":
        newLine(depth, "\n\n");
        flush();
        break;
      case "indent":
        stack.push({ doc: now.doc, indent: depth + 1, flat });
        break;
      case "group": {
        const fitting = flat || (!now.hard && fits({ doc: now.doc, indent: depth, flat: true }, stack, column));
        stack.push({ doc: now.doc, indent: depth, flat: fitting });
        break;
      }
      case "comment":
        text += text.endsWith(" ") || text === "" || text.endsWith("\n") ? now.text : ` ${now.text}`;
        break;
      case "ifBroken": {
        const chosen = flat ? now.flat : now.broken;
        text += chosen;
        column += chosen.length;
        break;
      }
      case "choose": {
        const whole = { doc: now.flat, indent: depth, flat: true };
        const hugged = { doc: now.hug, indent: depth, flat: false };
        if (flat || (!now.hard && fits(whole, stack, column))) stack.push(whole);
        else if (fits(hugged, stack, column)) stack.push(hugged);
        else stack.push({ doc: now.spread, indent: depth, flat: false });
        break;
      }
    }
  }
  return parts.join("") + text.trimEnd();
}

/** Whether `first`, and what follows it up to the next line break, fits on the rest of the line. */
function fits(first: Command, rest: readonly Command[], column: number): boolean {
  let room = WIDTH_COLUMNS - column;
  let restAt = rest.length;
  const stack: Command[] = [first];
  while (room >= 0) {
    const command = stack.pop();
    if (command === undefined) {
      if (restAt === 0) return true;
      stack.push(rest[--restAt]!);
      continue;
    }
    const { doc, flat } = command;
    if (typeof doc === "string") {
      room -= widthOf(doc);
      continue;
    }
    switch (doc.kind) {
      case "cat":
        for (let i = doc.parts.length - 1; i >= 0; i--) stack.push({ doc: doc.parts[i]!, indent: 0, flat });
        break;
      case "line":
        if (!flat) return true;
        room -= doc.flat.length;
        break;
      case "blank":
      case "comment":
        return true;
      case "indent":
        stack.push({ doc: doc.doc, indent: 0, flat });
        break;
      case "group":
        stack.push({ doc: doc.doc, indent: 0, flat: flat || !doc.hard });
        break;
      case "ifBroken":
        room -= (flat ? doc.flat : doc.broken).length;
        break;
      case "choose":
        stack.push(
          flat || !doc.hard ? { doc: doc.flat, indent: 0, flat: true } : { doc: doc.hug, indent: 0, flat: false },
        );
        break;
    }
  }
  return false;
}

/** Everything on one line, as a hole in a text needs it. */
export function flatText(doc: Doc): string {
  if (typeof doc === "string") return doc;
  switch (doc.kind) {
    case "cat":
      return doc.parts.map(flatText).join("");
    case "line":
    case "ifBroken":
      return doc.flat;
    case "blank":
      return "";
    case "comment":
      throw new Error("internal error: a comment inside a text");
    case "indent":
    case "group":
      return flatText(doc.doc);
    case "choose":
      return flatText(doc.flat);
  }
}

/** Code points stand for columns: what a text holds is the author's affair. */
function widthOf(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xdc00 || unit > 0xdfff) count++;
  }
  return count;
}
