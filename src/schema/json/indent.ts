/** Canonical JSON laid out for people: two spaces, one entry a line. Numbers keep their digits, which a parse would not promise. */
export function indentJson(json: string): string {
  let out = "";
  let depth = 0;
  for (let i = 0; i < json.length; i++) {
    const char = json[i]!;
    if (char === '"') {
      const end = endOfString(json, i);
      out += json.slice(i, end);
      i = end - 1;
    } else if (char === "{" || char === "[") {
      const next = json[i + 1];
      if (next === "}" || next === "]") {
        out += char + next;
        i++;
      } else out += `${char}\n${"  ".repeat(++depth)}`;
    } else if (char === "}" || char === "]") out += `\n${"  ".repeat(--depth)}${char}`;
    else if (char === ",") out += `,\n${"  ".repeat(depth)}`;
    else if (char === ":") out += ": ";
    else out += char;
  }
  return out;
}

function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
  return at + 1;
}
