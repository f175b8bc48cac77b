// capture.mjs: runs the demo and writes docs/demo.svg, the terminal capture of the README.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
process.chdir(root);
const run = spawnSync(process.execPath, ["dist/bundle/demo.js"], {
  encoding: "utf8",
  env: { ...process.env, FORCE_COLOR: "1", TB_PASSPHRASE: "demo" },
});
if (run.status !== 0) {
  console.error(run.stderr);
  process.exit(1);
}

const COLUMNS = 118;
const LINE_HEIGHT = 17;
const CHAR_WIDTH = 7.8;
const colours = { 31: "#e06c75", 32: "#98c379", 33: "#e5c07b", 36: "#56b6c2", 90: "#7f848e" };
const markup = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

/** One line of the terminal as tspans. */
function spans(line) {
  let style = { bold: false, dim: false, colour: undefined };
  let column = 0;
  let out = "";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal escapes are control characters
  for (const part of line.split(/(\x1b\[[0-9;]*m)/)) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal escapes are control characters
    const code = /^\x1b\[([0-9;]*)m$/.exec(part);
    if (code === null) {
      const text = part.slice(0, Math.max(0, COLUMNS - column));
      column += part.length;
      if (text === "") continue;
      const attributes = [
        style.bold ? 'font-weight="bold"' : "",
        style.dim ? 'opacity="0.6"' : "",
        style.colour === undefined ? "" : `fill="${style.colour}"`,
      ].filter((a) => a !== "");
      out += `<tspan ${attributes.join(" ")}>${markup(text)}</tspan>`;
      continue;
    }
    for (const number of code[1].split(";").map(Number)) {
      if (number === 0) style = { bold: false, dim: false, colour: undefined };
      else if (number === 1) style.bold = true;
      else if (number === 2) style.dim = true;
      else if (number === 22) style = { ...style, bold: false, dim: false };
      else if (number === 39) style.colour = undefined;
      else if (colours[number] !== undefined) style.colour = colours[number];
    }
  }
  return column > COLUMNS ? `${out}<tspan opacity="0.6">…</tspan>` : out;
}

const lines = ["$ npm run demo", ...run.stdout.trimEnd().split("\n")];
const width = Math.round(COLUMNS * CHAR_WIDTH + 48);
const height = lines.length * LINE_HEIGHT + 44;
const text = lines
  .map((line, i) => `<text x="20" y="${36 + i * LINE_HEIGHT}" xml:space="preserve">${spans(line)}</text>`)
  .join("\n");
writeFileSync(
  "docs/demo.svg",
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13" fill="#d7dae0">
<title>The demo in a terminal</title>
<rect width="100%" height="100%" rx="8" fill="#21252b"/>
${text}
</svg>
`,
);
console.log(`docs/demo.svg: ${lines.length} lines`);
