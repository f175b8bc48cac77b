import { addE, type Ext, ext, mulE, P, subE } from "./Field.ts";

/** What an expression is evaluated over: the values of a table's columns at a point and at the next one. */
export type Row = { now: ReadonlyMap<string, Ext>; next: ReadonlyMap<string, Ext>; publics: readonly number[] };
export type Expression = { readonly degree: number; readonly next: boolean; at(row: Row): Ext };
export type Kind = "always" | "step" | "first" | "last";
export type Constraint = { kind: Kind; value: Expression };
export type Message = { sign: 1 | -1; bus: number; multiplicity: Expression; tuple: readonly Expression[] };
export type Table = {
  name: string;
  group: string | undefined;
  height: number | undefined;
  main: readonly string[];
  fixed: readonly string[];
  constraints: readonly Constraint[];
  messages: readonly Message[];
  batches: readonly (readonly Message[])[];
  /** Whether some constraint reads the next row. */
  next: boolean;
};
export type Machine = { buses: readonly string[]; publics: readonly string[]; tables: readonly Table[] };

const constant = (value: number): Expression => ({ degree: 0, next: false, at: () => ext(((value % P) + P) % P) });

/** Sums and differences of products, left to right; parentheses; numbers; columns; `column'`; `public[i]`. */
class Parser {
  readonly #tokens: string[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = text.match(/[A-Za-z][\w.]*'?|-?\d+|[()[\]*+,]|-/g) ?? [];
  }

  /** What was parsed, when nothing is left. */
  whole<T>(parsed: T): T {
    if (this.#at < this.#tokens.length) throw new Error(`tables: ${this.#peek()} after the end`);
    return parsed;
  }

  #peek(): string {
    return this.#tokens[this.#at] ?? "";
  }

  #take(expected?: string): string {
    const token = this.#peek();
    if (token === "" || (expected !== undefined && token !== expected))
      throw new Error(`tables: ${expected} expected, ${token} found`);
    this.#at++;
    return token;
  }

  sum(): Expression {
    let left = this.product();
    while (this.#peek() === "+" || this.#peek() === "-") {
      const [a, combine] = [left, this.#take() === "+" ? addE : subE];
      const b = this.product();
      left = {
        degree: Math.max(a.degree, b.degree),
        next: a.next || b.next,
        at: (row) => combine(a.at(row), b.at(row)),
      };
    }
    return left;
  }

  product(): Expression {
    let left = this.#atom();
    while (this.#peek() === "*") {
      this.#take();
      const [a, b] = [left, this.#atom()];
      left = { degree: a.degree + b.degree, next: a.next || b.next, at: (row) => mulE(a.at(row), b.at(row)) };
    }
    return left;
  }

  #atom(): Expression {
    const token = this.#take();
    if (token === "(") {
      const inner = this.sum();
      this.#take(")");
      return inner;
    }
    if (/^-?\d/.test(token)) return constant(Number(token));
    if (token === "public") {
      this.#take("[");
      const index = Number(this.#take());
      this.#take("]");
      return { degree: 0, next: false, at: (row) => ext(row.publics[index]!) };
    }
    if (!/^[A-Za-z]/.test(token)) throw new Error(`tables: ${token} is no expression`);
    const next = token.endsWith("'");
    const name = next ? token.slice(0, -1) : token;
    return {
      degree: 1,
      next,
      at: (row) => {
        const value = (next ? row.next : row.now).get(name);
        if (value === undefined) throw new Error(`tables: no column ${token}`);
        return value;
      },
    };
  }

  tuple(): Expression[] {
    this.#take("(");
    const fields = [this.sum()];
    while (this.#peek() === ",") {
      this.#take();
      fields.push(this.sum());
    }
    this.#take(")");
    return fields;
  }
}

const degreeOf = (message: Message): number => Math.max(...message.tuple.map((field) => field.degree));

function fits(batch: readonly Message[]): boolean {
  const all = batch.reduce((sum, message) => sum + degreeOf(message), 0);
  return 1 + all <= 3 && batch.every((message) => message.multiplicity.degree + all - degreeOf(message) <= 3);
}

function batchesOf(messages: readonly Message[]): Message[][] {
  const batches: Message[][] = [];
  for (const message of messages) {
    const batch = batches.find((candidate) => fits([...candidate, message]));
    if (batch === undefined) batches.push([message]);
    else batch.push(message);
  }
  return batches;
}

/** Lines of a text that start with one of these words, split into words. */
const linesOf = (text: string, ...starts: string[]): string[][] =>
  text.split("\n").flatMap((line) => (starts.includes(line.split(" ")[0]!) ? [line.split(" ")] : []));

const splitTables = (text: string): string[] => text.split(/^(?=table )/m);

export function readMachine(text: string): Machine {
  const [head = "", ...tables] = splitTables(text);
  const buses = linesOf(head, "bus").map((line) => line[1]!);
  return {
    buses,
    publics: linesOf(head, "public").map((line) => line[1]!),
    tables: tables.map((t) => readTable(t, buses)),
  };
}

function readTable(text: string, buses: readonly string[]): Table {
  const [, name = "", group, height] = linesOf(text, "table")[0]!;
  const columns = (start: string): string[] => linesOf(text, start)[0]!.slice(1);
  const constraints = linesOf(text, "always", "step", "first", "last").map(([kind, ...rest]): Constraint => {
    const parser = new Parser(rest.join(" "));
    return { kind: kind as Kind, value: parser.whole(parser.sum()) };
  });
  const messages = linesOf(text, "send", "receive").map(([direction, bus = "", ...rest]): Message => {
    const parser = new Parser(rest.join(" "));
    const multiplicity = parser.product();
    const sign = direction === "send" ? 1 : -1;
    return { sign, bus: buses.indexOf(bus) + 1, multiplicity, tuple: parser.whole(parser.tuple()) };
  });
  return {
    name,
    group: group === "-" ? undefined : group,
    height: height === "-" ? undefined : Number(height),
    main: columns("main"),
    fixed: columns("fixed"),
    constraints,
    messages,
    batches: batchesOf(messages),
    next: constraints.some((constraint) => constraint.value.next),
  };
}

/** proof.md, "Hiding": the text of the machine that hides. Buses stand in the order of their first use. */
export function hidingText(text: string): string {
  const [head = "", ...tables] = splitTables(text);
  const blinded = tables.map(
    (table) => `${table.replace(/^main .*$/m, "$& blind.count blind.row")}send blind blind.count (blind.row)\n`,
  );
  const used = [
    ...new Set(blinded.flatMap((table) => [...table.matchAll(/^(?:send|receive) (\S+)/gm)].map((m) => m[1]!))),
  ];
  const buses = head.match(/^bus .*\n/gm) ?? [];
  const listed = [...buses, "bus blind (row)\n"].sort((a, b) => {
    const [x, y] = [a, b].map((line) => used.indexOf(line.split(" ")[1]!));
    return x! - y!;
  });
  return head.replace(buses.join(""), listed.join("")) + blinded.join("");
}

/** γ + bus + Σ αʲ·tⱼ. */
export function denominator(alpha: Ext, gamma: Ext, bus: number, tuple: readonly Ext[]): Ext {
  let [sum, power] = [addE(gamma, ext(bus)), alpha];
  for (const field of tuple) {
    sum = addE(sum, mulE(power, field));
    power = mulE(power, alpha);
  }
  return sum;
}
