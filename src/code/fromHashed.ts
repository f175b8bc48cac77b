/**
 * Hashed form → Core, for code that may come from anywhere: everything is checked before it is used, and only what
 * `toHashed` would have written is accepted. Where a block is wrong is told as a path of item numbers, `$[2][0][4]`.
 */
import { Value } from "../content/index.ts";
import type { Core } from "../language/index.ts";
import { DefinitionTag, PARAMETERS_MAX, TriggerTag, TypeTag } from "./Hashed.ts";
import type { IntrinsicTable } from "./intrinsics.ts";
import {
  ascending,
  type Component,
  distinct,
  list,
  natural,
  type Place,
  reference,
  refuse,
  text,
  tuple,
  value,
} from "./Place.ts";
import { BodyReader } from "./readBody.ts";
import type { CoreItem } from "./toHashed.ts";

const KINDS: ReadonlyMap<number, keyof typeof DefinitionTag> = new Map(
  Object.entries(DefinitionTag).map(([name, tag]) => [tag, name as keyof typeof DefinitionTag]),
);

/** Reads one definition. `name` becomes the name of the Core form, which hashed code does not have. */
export function fromHashed(place: Place, name: string, component: Component, table: IntrinsicTable): CoreItem {
  const parts = list(place, "a definition");
  const kind = KINDS.get(parts[0]?.node as number);
  if (kind === undefined) return refuse(parts[0] ?? place, "unknown kind of definition");
  switch (kind) {
    case "record": {
      const fields = parts.slice(2);
      const parameters = typeParameters(parts[1] ?? place);
      return {
        form: "type",
        item: { kind: "record", name, parameters, fields: readFields(fields, parameters, component), doc: undefined },
      };
    }
    case "sum": {
      const parameters = typeParameters(parts[1] ?? place);
      const cases = parts.slice(2).map((one) => {
        const [caseName, ...fields] = list(one, "a case");
        return { name: text(caseName, "a case's name"), fields: readFields(fields, parameters, component) };
      });
      distinct(
        parts.slice(2),
        cases.map((one) => one.name),
        "case",
      );
      if (cases.length === 0) refuse(place, "a sum type has at least one case");
      return { form: "type", item: { kind: "sum", name, parameters, cases, doc: undefined } };
    }
    case "fact":
    case "action":
    case "event":
    case "operation": {
      const [, declared, parameters, result] = tuple(place, 4, `a ${kind}`);
      return {
        form: "outside",
        item: {
          kind,
          name: text(declared, "the declared name"),
          parameters: readFields(list(parameters!, "parameters"), PARAMETERS_MAX, component),
          result: readType(result!, new Variables(PARAMETERS_MAX), component),
          doc: undefined,
        },
      };
    }
    case "program":
      return { form: "program", item: readProgram(place, name, component) };
    default: {
      const [, parameterCount, capturedCount, signature, body] = tuple(place, 5, `a ${kind}`);
      const parameters = natural(parameterCount!, PARAMETERS_MAX, "the number of parameters");
      const captured = natural(capturedCount!, parameters, "the number of captured parameters");
      if (captured > 0 && kind !== "lambda") refuse(capturedCount!, "only a lambda captures");
      if (kind === "value" && parameters > 0) refuse(parameterCount!, "a value has no parameters");
      const written =
        signature!.node === null ? undefined : readFunctionType(signature!, new Variables(undefined), component);
      if (written !== undefined && written.parameters.length !== parameters)
        refuse(signature!, `the signature has ${written.parameters.length} parameters, the definition ${parameters}`);
      const reader = new BodyReader(component, table, parameters);
      const read = reader.expression(body!, 0);
      return {
        form: "definition",
        item: {
          name,
          kind,
          parameters,
          captured,
          locals: reader.locals,
          body: read,
          signature: written,
          localNames: [],
          doc: undefined,
        },
      };
    }
  }
}

const typeParameters = (place: Place): number => natural(place, PARAMETERS_MAX, "the number of type parameters");

function readFields(places: readonly Place[], typeVariables: number, component: Component): readonly Core.Field[] {
  if (places.length > PARAMETERS_MAX) refuse(places[PARAMETERS_MAX]!, `more than ${PARAMETERS_MAX} fields`);
  const fields = places.map((place) => {
    const [name, fieldType] = tuple(place, 2, "a field");
    return { name: text(name, "a field's name"), type: readType(fieldType!, new Variables(typeVariables), component) };
  });
  distinct(
    places,
    fields.map((field) => field.name),
    "field",
  );
  return fields;
}

/** Which type variables may occur: a declared number of them, or new ones in order of occurrence. */
class Variables {
  private readonly declared: number | undefined;
  private readonly sorts: ("type" | "row")[] = [];

  constructor(declared: number | undefined) {
    this.declared = declared;
  }

  accept(place: Place, sort: "type" | "row"): number {
    if (this.declared !== undefined) {
      const index = natural(place, PARAMETERS_MAX, "a type variable");
      if (index >= this.declared) refuse(place, `there are only ${this.declared} type parameters`);
      return index;
    }
    const index = natural(place, this.sorts.length, "a type variable (numbered by occurrence)");
    if (index === this.sorts.length) this.sorts.push(sort);
    else if (this.sorts[index] !== sort) refuse(place, "a variable stands for a type and for a row");
    return index;
  }
}

function readFunctionType(place: Place, variables: Variables, component: Component): Core.FunctionType {
  const [tag, parameters, result, labels, variable] = tuple(place, 5, "a function type");
  if (tag!.node !== TypeTag.function) refuse(tag!, "expected a function type");
  return {
    kind: "function",
    parameters: list(parameters!, "parameters").map((one) => readType(one, variables, component)),
    result: readType(result!, variables, component),
    row: {
      labels: readLabels(labels!),
      variable: variable!.node === null ? undefined : variables.accept(variable!, "row"),
    },
  };
}

function readLabels(place: Place): readonly string[] {
  const places = list(place, "effect labels");
  const labels = places.map((one) => text(one, "an effect label"));
  ascending(places, labels, "effect labels");
  return labels;
}

function readType(place: Place, variables: Variables, component: Component): Core.Type {
  const [tag, ...rest] = list(place, "a type");
  const all = (places: readonly Place[]) => places.map((one) => readType(one, variables, component));
  switch (tag?.node) {
    case TypeTag.builtin:
      return { kind: "builtin", name: text(rest[0] ?? place, "a type's name"), arguments: all(rest.slice(1)) };
    case TypeTag.declared:
      return { kind: "declared", reference: reference(rest[0] ?? place, component), arguments: all(rest.slice(1)) };
    case TypeTag.variable:
      if (rest.length !== 1) refuse(place, "a type variable has one number");
      return { kind: "variable", index: variables.accept(rest[0]!, "type") };
    case TypeTag.tuple:
      return { kind: "tuple", items: all(rest) };
    case TypeTag.record: {
      if (rest.length % 2 !== 0) refuse(place, "a record type has names and types in turn");
      const namePlaces = rest.filter((_, i) => i % 2 === 0);
      const names = namePlaces.map((one) => text(one, "a field's name"));
      ascending(namePlaces, names, "fields");
      return { kind: "record", names, types: all(rest.filter((_, i) => i % 2 === 1)) };
    }
    case TypeTag.function:
      return readFunctionType(place, variables, component);
    default:
      return refuse(tag ?? place, "unknown kind of type");
  }
}

function readProgram(place: Place, name: string, component: Component): Core.ProgramDefinition {
  const [, stateNode, entryNode, triggerNode, handshakeNode, migrationNode] = tuple(place, 6, "a program");
  const closed = () => new Variables(0);
  const statePlaces = list(stateNode!, "the state");
  const state = statePlaces.map((one) => {
    const [field, fieldType, initial] = tuple(one, 3, "a state field");
    return {
      name: text(field, "a state field's name"),
      type: readType(fieldType!, closed(), component),
      initial: initial!.node === null ? undefined : reference(initial!, component),
    };
  });
  ascending(
    statePlaces,
    state.map((one) => one.name),
    "state fields",
  );

  const entryPlaces = list(entryNode!, "the entries");
  const entries = entryPlaces.map((one): Core.EntryDefinition => {
    const [entry, target, parameters, result, row, exclusive] = tuple(one, 6, "an entry");
    if (typeof exclusive!.node !== "boolean") refuse(exclusive!, "exclusive must be true or false");
    return {
      name: text(entry, "an entry's name"),
      function: reference(target!, component),
      parameters: readFields(list(parameters!, "parameters"), 0, component),
      result: readType(result!, closed(), component),
      row: readLabels(row!),
      exclusive: exclusive!.node === true,
    };
  });
  ascending(
    entryPlaces,
    entries.map((one) => one.name),
    "entries",
  );

  const known = new Map(entries.map((entry) => [entry.name, entry]));
  const triggers = list(triggerNode!, "the triggers").map((one): Core.Trigger => {
    const parts = list(one, "a trigger");
    const isFact = parts[0]?.node === TriggerTag.fact;
    const [tag, ...rest] = tuple(one, isFact ? 5 : 4, "a trigger");
    const entryPlace = rest[isFact ? 2 : 1]!;
    const entry = text(entryPlace, "an entry's name");
    const given = list(rest[isFact ? 3 : 2]!, "arguments").map(value);
    const target = known.get(entry);
    if (target === undefined) refuse(entryPlace, `the program has no entry ${entry}`);
    else if (target.parameters.length !== given.length)
      refuse(one, `${entry} takes ${target.parameters.length} arguments, not ${given.length}`);
    if (isFact)
      return { kind: "fact", timeline: text(rest[0], "a timeline"), fact: value(rest[1]!), entry, arguments: given };
    const kind = tag!.node === TriggerTag.every ? "every" : "at";
    if (kind === "at" && tag!.node !== TriggerTag.at) refuse(tag!, "unknown kind of trigger");
    return { kind, time: value(rest[0]!), entry, arguments: given };
  });

  const migrationPlaces = list(migrationNode!, "the migrations");
  const migrations = migrationPlaces.map((one) => {
    const [from, to, target] = tuple(one, 3, "a migration");
    return {
      from: text(from, "a version"),
      to: text(to, "a version"),
      function: reference(target!, component),
    };
  });
  for (let i = 1; i < migrations.length; i++) {
    const [before, after] = [migrations[i - 1]!, migrations[i]!];
    if ((Value.compareText(before.from, after.from) || Value.compareText(before.to, after.to)) >= 0)
      refuse(migrationPlaces[i]!, "migrations must be sorted by version, each once");
  }
  const handshake = handshakeNode!.node === null ? undefined : reference(handshakeNode!, component);
  return { name, state, entries, triggers, handshake, migrations, doc: undefined };
}
