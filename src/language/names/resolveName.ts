/** What a name or a dotted path means where it stands. */
import { error } from "../problems/Problem.ts";
import type * as S from "../syntax/Tree.ts";
import * as Report from "./report.ts";
import { expression } from "./resolveExpression.ts";
import * as Scope from "./Scope.ts";
import type { Binding, Owner } from "./Tree.ts";
import type { Walk } from "./Walk.ts";

export function name(walk: Walk, node: S.NameExpr): void {
  const text = node.name.text;
  if (text === "") {
    walk.bindings.set(node, { kind: "unknown" });
    return;
  }
  if (node.hash !== undefined) {
    pinned(walk, node, node.hash);
    return;
  }
  const found = lookUp(walk, text);
  if (found !== undefined) {
    walk.bindings.set(node, found);
    use(walk, found);
    return;
  }
  walk.bindings.set(node, { kind: "unknown" });
  if (Scope.isModule(walk.scope, text)) {
    walk.problems.push(
      error("TEL0210", walk.scope.file, node.span, `\`${text}\` is a module, not a value`, {
        hints: [`name something in it: \`${text}.…\``],
      }),
    );
    return;
  }
  Report.unknownValue(walk, node.name);
}

/** `spread#bafy…`: exactly that definition, under whatever name it is at hand. */
function pinned(walk: Walk, node: S.NameExpr, hash: S.Hash): void {
  const full = walk.nameOf?.(hash.text);
  const dot = full?.lastIndexOf(".") ?? -1;
  const module = full === undefined ? undefined : walk.scope.modules.get(dot < 0 ? "" : full.slice(0, dot));
  const word = full?.slice(dot + 1);
  if (full !== undefined) Scope.ask(walk.scope, dot < 0 ? "" : full.slice(0, dot), word!);
  const found = module?.values.get(word!);
  walk.bindings.set(node, found ?? { kind: "unknown" });
  if (found !== undefined) use(walk, found);
  else {
    walk.problems.push(
      error("TEL0218", walk.scope.file, hash.span, `nothing here has the hash \`#${hash.text}\``, {
        hints: ["leave the hash out, or add the definition to the codebase first"],
      }),
    );
  }
}

function lookUp(walk: Walk, text: string): Binding | undefined {
  const local = Scope.find(walk.locals, text);
  if (local !== undefined) return local;
  if (walk.program !== undefined) {
    if (text === "State") return { kind: "state", program: walk.program };
    const own = walk.program.functions.get(text) ?? walk.program.entries.get(text);
    if (own !== undefined) return own;
  }
  return Scope.value(walk.scope, text);
}

function use(walk: Walk, found: Binding): void {
  if (walk.owner === undefined) return;
  if (found.kind === "fn" || found.kind === "entry" || found.kind === "handler") calls(walk, walk.owner, found);
}

function calls(walk: Walk, owner: Owner, called: Owner): void {
  const known = walk.scope.calls.get(owner);
  if (known === undefined) walk.scope.calls.set(owner, new Set([called]));
  else known.add(called);
}

/** `a.b.c`: a module's member, a program's entry, or a field. */
export function member(walk: Walk, node: S.MemberExpr): void {
  const parts = path(node);
  if (parts !== undefined && lookUp(walk, parts[0]!.text) === undefined) {
    for (let length = parts.length - 1; length >= 1; length--) {
      const module = length === 1 ? parts[0]!.text : joined(parts.slice(0, length));
      if (!Scope.isModule(walk.scope, module)) continue;
      moduleMember(walk, node, parts, length, module);
      return;
    }
  }
  expression(walk, node.target);
  entryOf(walk, node, walk.bindings.get(node.target));
}

const joined = (parts: readonly S.Name[]): string => parts.map((part) => part.text).join(".");

function moduleMember(walk: Walk, node: S.MemberExpr, parts: readonly S.Name[], length: number, module: string): void {
  // The node that stands for `module.name`, below the fields that follow.
  const chain: S.MemberExpr[] = [];
  for (let at: S.Expr = node; at.kind === "member"; at = at.target) chain.push(at);
  chain.reverse();
  const head = chain[length - 1]!;
  const wanted = parts[length]!;
  const found = Scope.member(walk.scope, module, wanted.text);
  if (found === undefined) {
    for (const each of chain.slice(length - 1)) walk.bindings.set(each, { kind: "unknown" });
    if (wanted.text !== "") {
      Report.unknown(
        walk,
        "TEL0206",
        wanted,
        `module \`${module}\` has no`,
        Scope.memberNames(walk.scope, module),
        "members",
      );
    }
    return;
  }
  walk.bindings.set(head, found);
  use(walk, found);
  for (let i = length; i < chain.length; i++) entryOf(walk, chain[i]!, walk.bindings.get(chain[i - 1]!));
}

/** `CrossChainArb.rebalance`, where the left side is a program or interface. Anything else is a field. */
function entryOf(walk: Walk, node: S.MemberExpr, target: Binding | undefined): void {
  if (target?.kind === "unknown") {
    walk.bindings.set(node, target);
    return;
  }
  if (target?.kind !== "program" && target?.kind !== "interface") return;
  const entry = target.entries.get(node.name.text);
  walk.bindings.set(node, entry ?? { kind: "unknown" });
  if (entry !== undefined) use(walk, entry);
  else if (node.name.text !== "") {
    Report.unknown(
      walk,
      "TEL0214",
      node.name,
      `${target.kind} \`${target.name}\` has no entry`,
      target.entries.keys(),
      "entries",
    );
  }
}

function path(node: S.Expr): S.Name[] | undefined {
  if (node.kind === "name") return [node.name];
  if (node.kind !== "member") return undefined;
  if (node.target.kind === "name") return [node.target.name, node.name];
  const parts = path(node.target);
  parts?.push(node.name);
  return parts;
}
