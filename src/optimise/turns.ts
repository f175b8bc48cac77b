/** The places where a loop goes on. A loop inside has its own. */
import type { Again, Expression, Loop } from "./Tree.ts";

export function turnsOf(loop: Loop): readonly Again[] {
  const found: Again[] = [];
  const open: Expression[] = [loop.body];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.kind === "again") found.push(node);
    else if (node.kind === "let") open.push(node.body);
    else if (node.kind === "charge") open.push(node.body);
    else if (node.kind === "if") open.push(node.then, node.else);
    else if (node.kind === "switch") {
      for (const { body } of node.cases) open.push(body);
      if (node.otherwise !== undefined) open.push(node.otherwise);
    }
  }
  return found;
}

/** The loop with the turns that are its own changed. */
export function mapTurns(body: Expression, turn: (again: Again) => Expression): Expression {
  const part = (node: Expression): Expression => mapTurns(node, turn);
  switch (body.kind) {
    case "again":
      return turn(body);
    case "let":
    case "charge":
      return { ...body, body: part(body.body) };
    case "if":
      return { ...body, then: part(body.then), else: part(body.else) };
    case "switch": {
      const cases = body.cases.map((one) => ({ ...one, body: part(one.body) }));
      return { ...body, cases, otherwise: body.otherwise === undefined ? undefined : part(body.otherwise) };
    }
    default:
      return body;
  }
}
