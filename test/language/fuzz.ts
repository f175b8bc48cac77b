/**
 * Mutates the programs of the corpus for as long as it is told: the parser reads each to its end within a second, problems
 * can be shown and their fixes applied, and where there is no problem the layout keeps the tree and is stable.
 *
 *     node scripts/fuzz-syntax.mjs [SECONDS] [SEED]
 */
import { readdirSync, readFileSync } from "node:fs";
import { applyFixes, parse, print, render } from "../../src/language/index.ts";
import { sameTree } from "../../src/language/syntax/index.ts";

const MILLISECONDS_MAX = 1000;

const [seconds = "60", seedText = "1"] = process.argv.slice(2);
const texts = ["samples", "pass", "fail"].flatMap((folder) =>
  readdirSync(`test/programs/${folder}`)
    .filter((name) => name.endsWith(".tel"))
    .map((name) => readFileSync(`test/programs/${folder}/${name}`, "utf8")),
);
const bits =
  '( ) { } [ ] < > " ${ ; , : . => -> ! ? # @ - + | / // /// fn let match if par within state at é 1h 9f 0x use program test'
    .split(" ")
    .concat("\n", " ", "\u202e", "\ud800", "\u0000", "program A {", 'test "', "migration 1.0.0");

/** Numerical Recipes' linear congruential generator: the same mutations for the same seed. */
let state = Number(seedText) >>> 0;
function next(max: number): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * max);
}

function mutated(): string {
  let text = texts[next(texts.length)]!;
  for (let count = next(4) + 1; count > 0; count--) {
    const at = next(text.length + 1);
    const removed = next(3) > 0 ? next(6) : next(60);
    let inserted = "";
    for (let bit = next(3); bit > 0; bit--) inserted += bits[next(bits.length)];
    text = text.slice(0, at) + inserted + text.slice(at + removed);
  }
  return text;
}

function fault(text: string): string | undefined {
  const start = performance.now();
  const { tree, problems } = parse(text, "a.tel");
  if (performance.now() - start > MILLISECONDS_MAX) return "the parser is too slow";
  for (const problem of problems) render(problem, text, { width: 60 });
  parse(applyFixes(text, problems, "a.tel").text, "a.tel");
  if (problems.length > 0) return undefined;
  const once = print(tree, text);
  const again = parse(once, "a.tel");
  if (again.problems.length > 0) return `the formatted text has a problem: ${again.problems[0]!.message}`;
  if (!sameTree(tree, again.tree)) return "the formatted text has another tree";
  if (tree.comments.length !== again.tree.comments.length) return "a comment is lost";
  return print(again.tree, once) === once ? undefined : "formatting again changes the text";
}

const end = Date.now() + Number(seconds) * 1000;
let runs = 0;
for (; Date.now() < end; runs++) {
  const text = mutated();
  const found = fault(text);
  if (found === undefined) continue;
  console.error(`${found}, after ${runs} texts of seed ${seedText}:\n${text}`);
  process.exit(1);
}
console.log(`${runs} texts of seed ${seedText}: no fault`);
