/** The effect DAG as text, as DOT, and as SVG. All three are byte-identical for the same program. */
import type { Dag, DagNode } from "./dag.ts";

const what = (node: DagNode): string => [node.operation, node.about].filter((part) => part !== "").join(" ");

export function dagText(dag: Dag): string {
  if (dag.nodes.length === 0) return `${dag.entry}\n  asks nothing of the outside`;
  const width = Math.max(...dag.nodes.map((node) => what(node).length));
  const rows = dag.nodes.map((node) => {
    const notes = [
      node.after.length > 0 ? `after ${node.after.join(", ")}` : "",
      node.decidedBy.length > 0 ? `decided by ${node.decidedBy.join(", ")}` : "",
      node.within === undefined ? "" : `within ${node.within}`,
      node.conditional ? "on some paths" : "",
    ].filter((note) => note !== "");
    return `  ${String(node.id).padStart(3)} ${what(node).padEnd(width)}  ${notes.join(" · ")}`.trimEnd();
  });
  return [dag.entry, ...rows, ...(dag.isCut ? ["  … and more"] : [])].join("\n");
}

const quoted = (text: string): string => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;

/** Solid edges are order, dashed ones say that an answer decides. */
export function dagDot(dags: readonly Dag[]): string {
  const lines = ["digraph effects {", "  rankdir=LR;", "  node [shape=box, fontname=monospace];"];
  dags.forEach((dag, i) => {
    lines.push(`  subgraph cluster_${i} {`, `    label=${quoted(dag.entry)};`);
    for (const node of dag.nodes) {
      const text = node.within === undefined ? what(node) : `${what(node)}\\nwithin ${node.within}`;
      const style = node.conditional ? ", style=dashed" : "";
      lines.push(`    n${i}_${node.id} [label=${quoted(text).replaceAll("\\\\n", "\\n")}${style}];`);
    }
    for (const node of dag.nodes) {
      for (const before of node.after) lines.push(`    n${i}_${before} -> n${i}_${node.id};`);
      for (const by of node.decidedBy) {
        if (!node.after.includes(by)) lines.push(`    n${i}_${by} -> n${i}_${node.id} [style=dashed];`);
      }
    }
    lines.push("  }");
  });
  return [...lines, "}"].join("\n");
}

const ROW = 56;
const GAP = 60;
const PAD = 16;
const CHARACTER = 7.3;

const xml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** Columns by the longest way from the start; each entry below the one before. */
export function dagSvg(dags: readonly Dag[]): string {
  const parts: string[] = [];
  let top = PAD;
  let right = 0;
  for (const dag of dags) {
    const drawn = draw(dag, top);
    parts.push(drawn.svg);
    top = drawn.bottom + PAD;
    right = Math.max(right, drawn.right);
  }
  const style =
    "text{font:12px monospace;fill:#222}.t{font-weight:bold}rect{fill:#fff;stroke:#345;rx:4}.c rect{stroke-dasharray:4 3}path{fill:none;stroke:#345}.d{stroke-dasharray:4 3;stroke:#a62}.w{fill:#777}";
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.ceil(right + PAD)}" height="${top}"><style>${style}</style><defs><marker id="a" markerWidth="8" markerHeight="8" refX="7" refY="3" orient="auto"><path d="M0,0 L7,3 L0,6" /></marker></defs>${parts.join("")}</svg>`;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

function draw(dag: Dag, top: number): { readonly svg: string; readonly bottom: number; readonly right: number } {
  const column = new Map<number, number>();
  for (const node of dag.nodes) {
    column.set(node.id, Math.max(-1, ...node.after.map((id) => column.get(id) ?? 0)) + 1);
  }
  const widths: number[] = [];
  const rows: number[] = [];
  const place = new Map<number, number>();
  for (const node of dag.nodes) {
    const at = column.get(node.id)!;
    widths[at] = Math.max(widths[at] ?? 0, what(node).length * CHARACTER + 16);
    place.set(node.id, rows[at] ?? 0);
    rows[at] = (rows[at] ?? 0) + 1;
  }
  const left: number[] = [PAD];
  for (let i = 0; i < widths.length; i++) left[i + 1] = left[i]! + widths[i]! + GAP;
  const boxes = new Map(
    dag.nodes.map((node): [number, Box] => {
      const at = column.get(node.id)!;
      return [node.id, { x: left[at]!, y: top + 24 + place.get(node.id)! * ROW, width: widths[at]! }];
    }),
  );
  const svg = [`<text class="t" x="${PAD}" y="${top + 12}">${xml(dag.entry)}</text>`];
  for (const node of dag.nodes) {
    const to = boxes.get(node.id)!;
    const edge = (from: Box, style: string): string => {
      const [x1, y1, x2, y2] = [from.x + from.width, from.y + 15, to.x, to.y + 15].map((n) => Math.round(n));
      const bend = Math.round((x1! + x2!) / 2);
      return `<path${style} marker-end="url(#a)" d="M${x1},${y1} C${bend},${y1} ${bend},${y2} ${x2},${y2}" />`;
    };
    for (const before of node.after) svg.push(edge(boxes.get(before)!, ""));
    for (const by of node.decidedBy) if (!node.after.includes(by)) svg.push(edge(boxes.get(by)!, ' class="d"'));
  }
  for (const node of dag.nodes) {
    const { x, y, width } = boxes.get(node.id)!;
    const note =
      node.within === undefined
        ? ""
        : `<text class="w" x="${Math.round(x)}" y="${y + 44}">within ${xml(node.within)}</text>`;
    svg.push(
      `<g${node.conditional ? ' class="c"' : ""}><rect x="${Math.round(x)}" y="${y}" width="${Math.round(width)}" height="30" /><text x="${Math.round(x) + 8}" y="${y + 19}">${xml(what(node))}</text>${note}</g>`,
    );
  }
  const bottom = top + 24 + Math.max(1, ...rows.filter((count) => count !== undefined)) * ROW;
  return { svg: svg.join(""), bottom, right: left[widths.length]! - GAP };
}
