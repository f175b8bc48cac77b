/**
 * A definition that calls itself in tail position is a loop. The frame is the same one; each turn pays what entering the
 * definition costs.
 *
 *     function down($0, $1)             function down($0, $1)
 *       charge 3                          charge 3
 *       let $2 = %int.equal($0, 0)        loop $5 = $0, $6 = $1
 *       if $2 then                          let $2 = %int.equal($5, 0)
 *         charge 1                          if $2 then
 *         $1                                  charge 1
 *       else                                  $6
 *         charge 11                         else
 *         let $3 = %int.subtract($0, 1)       charge 14
 *         let $4 = %int.add($1, $0)           let $3 = %int.subtract($5, 1)
 *         down($3, $4)                        let $4 = %int.add($6, $5)
 *                                             again($3, $4)
 */
import { mapWays, type Work } from "./Pass.ts";
import { type Atom, charged, type Definition, type Expression } from "./Tree.ts";
import { substitute } from "./walk.ts";

/** For a definition as it was lowered: the charge at its start is what entering it costs. */
export function loops(work: Work, definition: Definition): Expression {
  const { body, parameters } = definition;
  const entry = body.kind === "charge" ? body : undefined;
  if (entry === undefined || entry.bytes > 0) return body;
  let found = 0;
  const turns = (node: Expression): Expression => {
    switch (node.kind) {
      case "call": {
        const { reference } = node;
        if (reference.kind !== "hash" || reference.hash !== work.hash || node.arguments.length !== parameters)
          return node;
        found++;
        return charged(entry.fuel, 0, { kind: "again", arguments: node.arguments });
      }
      case "let":
        return { ...node, body: turns(node.body) };
      case "charge":
        return charged(node.fuel, node.bytes, turns(node.body));
      case "if":
      case "switch":
        return mapWays(node, turns);
      default:
        return node;
    }
  };
  const turned = turns(entry.body);
  if (found === 0) return body;
  work.changes++;
  const locals = Array.from({ length: parameters }, () => work.locals++);
  const renamed = new Map(locals.map((local, i): [number, Atom] => [i, { kind: "local", index: local }]));
  const initial = locals.map((_, i): Atom => ({ kind: "local", index: i }));
  return { ...entry, body: { kind: "loop", locals, initial, body: substitute(turned, renamed) } };
}
