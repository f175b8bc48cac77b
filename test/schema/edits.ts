/** Random edits of a schema, at any place in it: those that the rules allow, and those that they must refuse. */
import { Path, Schema, Type as T } from "../../src/schema/index.ts";
import { type Choose, chance, one } from "./choose.ts";
import { NAMES, randomType, randomValue } from "./generate.ts";

/** A type inside a schema, and the schema with another type in its place. */
export interface Spot {
  readonly type: T.Type;
  /** Undefined inside named types, where one spot has many paths. */
  readonly path: string | undefined;
  /** Inside a map's key or a set's item, where nothing may change. */
  readonly frozen: boolean;
  readonly replace: (type: T.Type) => Schema.SchemaParts;
}

export function spotsOf(schema: Schema.Schema): readonly Spot[] {
  const spots: Spot[] = [];
  const visit = (type: T.Type, path: string | undefined, frozen: boolean, replace: Spot["replace"]): void => {
    spots.push({ type, path, frozen, replace });
    const step = (text: string) => (path === undefined ? undefined : path + text);
    switch (type.kind) {
      case "option":
        visit(type.item, step("?"), frozen, (t) => replace({ ...type, item: t }));
        return;
      case "list":
        visit(type.item, step("[]"), frozen, (t) => replace({ ...type, item: t }));
        return;
      case "set":
        visit(type.item, step("[]"), true, (t) => replace({ ...type, item: t }));
        return;
      case "map":
        visit(type.key, step("{key}"), true, (t) => replace({ ...type, key: t }));
        visit(type.item, step("{}"), frozen, (t) => replace({ ...type, item: t }));
        return;
      case "tuple":
        for (const [i, item] of type.items.entries()) {
          visit(item, step(`.${i}`), frozen, (t) => replace({ ...type, items: type.items.with(i, t) }));
        }
        return;
      case "record":
        for (const [i, field] of type.fields.entries()) {
          visit(field.type, path === undefined ? undefined : Path.field(path, field.name), frozen, (t) =>
            replace({ ...type, fields: type.fields.with(i, { ...field, type: t }) }),
          );
        }
        return;
      case "variant":
        type.cases.forEach((c, i) => {
          if (c.payload === undefined) return;
          visit(c.payload, step(Path.show([{ kind: "case", name: c.name }], "")), frozen, (t) =>
            replace({ ...type, cases: type.cases.with(i, { ...c, payload: t }) }),
          );
        });
        return;
      default:
        return;
    }
  };
  visit(schema.state, "$", false, (t) => ({ ...schema, fields: (t as T.RecordType).fields }));
  for (const [name, type] of schema.types) {
    visit(type, undefined, false, (t) => ({
      ...schema,
      fields: schema.state.fields,
      types: new Map(schema.types).set(name, t),
    }));
  }
  return spots;
}

export interface Edited {
  readonly schema: Schema.Schema;
  readonly rule: string;
  /** The path that a refusal must name; undefined inside named types. */
  readonly path: string | undefined;
}

/** Whether the schema with the edit is one at all (no option of an option, no float key). */
function tryOf(parts: Schema.SchemaParts): Schema.Schema | undefined {
  const schema = Schema.of(parts);
  return schema.ok ? schema.value : undefined;
}

function wider(choose: Choose, type: T.Type): T.Type | undefined {
  switch (type.kind) {
    case "nat": {
      const up =
        type.bits === undefined
          ? [T.nat()]
          : [T.nat(), ...([16, 32, 64] as const).filter((b) => b > type.bits!).map((b) => T.nat(b))];
      const signed =
        type.bits === undefined
          ? [T.int()]
          : [T.int(), ...([16, 32, 64] as const).filter((b) => b > type.bits!).map((b) => T.int(b))];
      const picked = one(choose, [...up, ...signed, T.decimal()]);
      return picked.kind === "nat" && picked.bits === type.bits ? undefined : picked;
    }
    case "int": {
      const up =
        type.bits === undefined
          ? []
          : [T.int(), ...([16, 32, 64] as const).filter((b) => b > type.bits!).map((b) => T.int(b))];
      const exact = type.bits !== undefined && type.bits <= 32 ? [T.float(64)] : [];
      const sized = type.bits === 8 ? [T.decimal({ precision: 10, scale: 4 })] : [];
      return one(choose, [...up, ...exact, ...sized, T.decimal()]);
    }
    case "decimal":
      return type.size === undefined ? undefined : T.decimal();
    case "float":
      return type.bits === 32 ? T.float(64) : undefined;
    case "bytes":
      return type.length === undefined ? undefined : T.bytes();
    case "list":
      return type.length === undefined ? undefined : { ...type, length: undefined };
    default:
      return undefined;
  }
}

/** One edit that a rule covers, or undefined when none was found at the spot. */
export function safeEdit(choose: Choose, schema: Schema.Schema, retired: ReadonlySet<string>): Edited | undefined {
  const open = spotsOf(schema).filter((spot) => !spot.frozen);
  const spot = one(choose, open);
  const { type } = spot;
  const done = (rule: string, next: T.Type): Edited | undefined => {
    const edited = tryOf(spot.replace(next));
    return edited === undefined ? undefined : { schema: edited, rule, path: spot.path };
  };
  const isState = spot.path === "$";
  if (type.kind === "record" && !chance(choose, 3)) {
    if (type.fields.length > 0 && chance(choose, 3)) {
      const gone = one(choose, type.fields);
      return done("remove-unused-field", T.record(type.fields.filter((f) => f !== gone)));
    }
    const free = NAMES.filter((name) => {
      if (type.fields.some((f) => f.name === name)) return false;
      return spot.path === undefined
        ? ![...retired].some((path) => path.endsWith(Path.field("", name)))
        : !retired.has(Path.normal(Path.field(spot.path, name))!);
    });
    if (free.length === 0) return undefined;
    const added = randomType(choose, 1);
    if (chance(choose, 2)) {
      const optional = added.kind === "option" ? added : T.option(added);
      return done("add-optional-field", T.record([...type.fields, T.field(one(choose, free), optional)]));
    }
    const value = randomValue(choose, added, schema.types, 2);
    return done("add-default-field", T.record([...type.fields, T.field(one(choose, free), added, { default: value })]));
  }
  if (type.kind === "variant" && !chance(choose, 3)) {
    const name = `case${choose.int(50)}`;
    if (type.cases.some((c) => c.name === name)) return undefined;
    return done(
      "add-variant-case",
      T.variant([...type.cases, T.variantCase(name, chance(choose, 2) ? undefined : T.text)]),
    );
  }
  if (isState) return undefined;
  const up = wider(choose, type);
  if (up !== undefined && !chance(choose, 3)) return done("coerce-lossless", up);
  return type.kind === "option" ? undefined : done("coerce-lossless", T.option(type));
}

/** One edit that no rule covers. */
export function unsafeEdit(choose: Choose, schema: Schema.Schema): Edited | undefined {
  const spot = one(choose, spotsOf(schema));
  const { type } = spot;
  const done = (rule: string, next: T.Type, path = spot.path): Edited | undefined => {
    const edited = tryOf(spot.replace(next));
    return edited === undefined
      ? undefined
      : { schema: edited, rule: spot.frozen ? "change-key-type" : rule, path: spot.frozen ? undefined : path };
  };
  const under = (step: string): string | undefined => (spot.path === undefined ? undefined : spot.path + step);
  switch (type.kind) {
    case "record": {
      const fresh = `fresh${choose.int(1000)}`;
      if (type.fields.length === 0 || chance(choose, 3)) {
        return done("add-required-field", T.record([...type.fields, T.field(fresh, T.text)]), under(`.${fresh}`));
      }
      const from = one(choose, type.fields);
      if (spot.path !== undefined && chance(choose, 2)) {
        // A field becomes one that cannot hold its values.
        const other = from.type.kind === "bool" ? T.text : T.bool;
        return done(
          "change-type",
          T.record([...type.fields.filter((f) => f !== from), { ...from, type: other, default: undefined }]),
          Path.field(spot.path, from.name),
        );
      }
      return done(
        "rename",
        T.record([...type.fields.filter((f) => f !== from), { ...from, name: fresh, default: undefined }]),
        under(`.${fresh}`),
      );
    }
    case "variant": {
      if (type.cases.length < 2) return undefined;
      const gone = one(choose, type.cases);
      return done(
        "remove-variant-case",
        T.variant(type.cases.filter((c) => c !== gone)),
        under(Path.show([{ kind: "case", name: gone.name }], "")),
      );
    }
    case "int":
      return done("change-type", type.bits === 8 ? T.nat(8) : T.int(8));
    case "nat":
      return done("change-type", type.bits === 8 ? T.int(8) : T.nat(8));
    case "decimal":
      return done("change-type", T.float(64));
    case "float":
      return done("change-type", T.decimal());
    case "text":
      return done("change-type", T.bytes());
    case "bytes":
      return done("change-type", T.text);
    case "option":
      return type.item.kind === "option" ? undefined : done("change-type", type.item);
    case "tuple":
      return done("change-type", T.tuple([...type.items, T.text]));
    case "list":
      return done("change-type", { ...type, length: type.length === undefined ? 3 : type.length + 1 });
    case "map":
      return done("change-key-type", { ...type, key: type.key.kind === "text" ? T.asset : T.text }, under("{key}"));
    default:
      return undefined;
  }
}
