/**
 * The surface tree of TEL: what the parser reads and the formatter prints, with every name and spelling kept.
 *
 * Every node is a plain object, identified by being itself (object identity), so later passes may keep tables
 * `Map<Expr, …>` beside the tree. A place that could not be read holds a node of kind "missing"; the parser has
 * already reported it, so later passes stay silent there.
 */

/** UTF-16 offsets into the file's text, `end` exclusive. */
export type Span = { readonly start: number; readonly end: number };

/** A name as written; `text` is "_" where a name was left out on purpose and "" where it is missing. */
export type Name = { readonly text: string; readonly span: Span };

/** A dotted module path; `text` is the parts joined by ".". */
export type Path = { readonly text: string; readonly parts: readonly Name[]; readonly span: Span };

/** `#bafy…`; `text` is without the `#`. */
export type Hash = { readonly text: string; readonly span: Span };

/** `///` (or `////`) lines joined by "\n", without the slashes and one space after them. */
export type Doc = { readonly text: string; readonly span: Span };

/** A comment that is not the doc of a declaration; `text` is the whole comment, slashes included. */
export type Comment = { readonly text: string; readonly span: Span };

/** A double-quoted text without holes, as a title or a pattern has it; `value` has its escapes decoded. */
export type Title = { readonly value: string; readonly span: Span };

/** `1.3.0`. */
export type Version = { readonly text: string; readonly span: Span };

// ---------------------------------------------------------------------------------------------------- files

export type File = {
  readonly kind: "file";
  readonly span: Span;
  /** The `////` lines of the file. */
  readonly doc: Doc | undefined;
  readonly module: Path | undefined;
  /** In the order of the text. */
  readonly items: readonly Item[];
  /** In the order of the text; docs that are in the tree are not repeated here. */
  readonly comments: readonly Comment[];
};

export type Item = Use | Declaration | Watch;

/** `use arb.math #bafy… (Move, Pair)`; `names` is undefined without parentheses. `path.text` may be "timelines". */
export type Use = {
  readonly kind: "use";
  readonly span: Span;
  readonly path: Path;
  readonly hash: Hash | undefined;
  readonly names: readonly Name[] | undefined;
};

/** `> expr` */
export type Watch = { readonly kind: "watch"; readonly span: Span; readonly value: Expr };

export type Declaration =
  | FnDecl
  | TypeDecl
  | FactDecl
  | ActionDecl
  | EventDecl
  | EffectDecl
  | InterfaceDecl
  | HandlerDecl
  | ProgramDecl
  | TestDecl
  | PropDecl;

// -------------------------------------------------------------------------------------------- declarations

export type Param = {
  readonly span: Span;
  /** `text` is "_" for a parameter that is not used. */
  readonly name: Name;
  readonly type: Type | undefined;
  readonly default: Expr | undefined;
};

/** `uses Observe, e`; a lower-case label is a row variable. */
export type Row = { readonly span: Span; readonly labels: readonly Name[] };

export type FnDecl = {
  readonly kind: "fn";
  readonly span: Span;
  readonly doc: Doc | undefined;
  readonly name: Name;
  readonly params: readonly Param[];
  readonly result: Type | undefined;
  readonly row: Row | undefined;
  readonly body: Block;
};

export type TypeDecl = {
  readonly kind: "type";
  readonly span: Span;
  readonly doc: Doc | undefined;
  readonly name: Name;
  readonly parameters: readonly Name[];
  readonly shape: TypeShape;
};

export type TypeShape =
  | { readonly kind: "record"; readonly span: Span; readonly fields: readonly Param[] }
  | { readonly kind: "variants"; readonly span: Span; readonly constructors: readonly Constructor[] };

export type Constructor = { readonly span: Span; readonly name: Name; readonly fields: readonly Param[] };

export type FactDecl = {
  readonly kind: "fact";
  readonly span: Span;
  readonly doc: Doc | undefined;
  readonly name: Name;
  readonly params: readonly Param[];
  readonly result: Type;
};

export type ActionDecl = {
  readonly kind: "action";
  readonly span: Span;
  readonly doc: Doc | undefined;
  readonly name: Name;
  readonly params: readonly Param[];
  readonly result: Type;
};

export type EventDecl = {
  readonly kind: "event";
  readonly span: Span;
  readonly doc: Doc | undefined;
  readonly name: Name;
  readonly params: readonly Param[];
};

export type EffectDecl = {
  readonly kind: "effect";
  readonly span: Span;
  readonly doc: Doc | undefined;
  readonly name: Name;
  readonly operations: readonly Operation[];
};

export type Operation = {
  readonly kind: "op";
  readonly span: Span;
  readonly doc: Doc | undefined;
  readonly name: Name;
  readonly params: readonly Param[];
  readonly result: Type;
};

export type InterfaceDecl = {
  readonly kind: "interface";
  readonly span: Span;
  readonly doc: Doc | undefined;
  readonly name: Name;
  readonly hash: Hash;
  readonly entries: readonly EntrySignature[];
};

export type EntrySignature = {
  readonly kind: "entrySignature";
  readonly span: Span;
  readonly doc: Doc | undefined;
  readonly name: Name;
  readonly params: readonly Param[];
  readonly result: Type | undefined;
};

export type HandlerDecl = {
  readonly kind: "handler";
  readonly span: Span;
  readonly doc: Doc | undefined;
  readonly name: Name;
  /** Undefined without parentheses. */
  readonly params: readonly Param[] | undefined;
  readonly effect: Name;
  readonly row: Row | undefined;
  readonly clauses: readonly HandlerClause[];
};

export type HandlerClause = {
  readonly kind: "handlerClause";
  readonly span: Span;
  readonly doc: Doc | undefined;
  readonly name: Name;
  readonly params: readonly Param[];
  readonly body: Expr;
};

export type TestDecl = {
  readonly kind: "test";
  readonly span: Span;
  readonly doc: Doc | undefined;
  readonly title: Title;
  readonly body: Block;
};

export type PropDecl = {
  readonly kind: "prop";
  readonly span: Span;
  readonly doc: Doc | undefined;
  readonly title: Title;
  readonly params: readonly Param[];
  readonly body: Block;
};

// ------------------------------------------------------------------------------------------------ programs

export type ProgramDecl = {
  readonly kind: "program";
  readonly span: Span;
  readonly doc: Doc | undefined;
  readonly name: Name;
  readonly clauses: readonly Clause[];
};

export type Clause = StateClause | EntryClause | OnClause | HandshakeClause | MigrationClause | FnDecl;

export type StateClause = {
  readonly kind: "state";
  readonly span: Span;
  readonly doc: Doc | undefined;
  readonly fields: readonly StateField[];
};

export type StateField = {
  readonly span: Span;
  readonly doc: Doc | undefined;
  readonly name: Name;
  readonly type: Type;
  readonly default: Expr | undefined;
};

export type EntryClause = {
  readonly kind: "entry";
  readonly span: Span;
  readonly doc: Doc | undefined;
  readonly exclusive: boolean;
  readonly name: Name;
  readonly params: readonly Param[];
  readonly result: Type | undefined;
  readonly row: Row | undefined;
  readonly body: Block;
};

/** `on every 1m => rebalance(Pair("ETH", "USDC"))` */
export type OnClause = {
  readonly kind: "on";
  readonly span: Span;
  readonly doc: Doc | undefined;
  readonly trigger: "every" | "at" | "fact";
  readonly subject: Expr;
  readonly entry: Name;
  readonly args: readonly Arg[];
};

export type HandshakeClause = {
  readonly kind: "handshake";
  readonly span: Span;
  readonly doc: Doc | undefined;
  readonly params: readonly Param[];
  readonly row: Row | undefined;
  readonly body: Block;
};

export type MigrationClause = {
  readonly kind: "migration";
  readonly span: Span;
  readonly doc: Doc | undefined;
  readonly from: Version;
  readonly to: Version;
  readonly params: readonly Param[];
  readonly body: Block;
};

// --------------------------------------------------------------------------------------------------- types

export type Type =
  | { readonly kind: "named"; readonly span: Span; readonly name: Name; readonly args: readonly Type[] }
  | { readonly kind: "variable"; readonly span: Span; readonly name: Name }
  /** `()` has no items; `(T)` alone is read as T. */
  | { readonly kind: "tupleType"; readonly span: Span; readonly items: readonly TypeItem[] }
  | {
      readonly kind: "fnType";
      readonly span: Span;
      readonly params: readonly Type[];
      readonly result: Type;
      readonly row: Row | undefined;
    }
  | { readonly kind: "missing"; readonly span: Span };

export type TypeItem = { readonly span: Span; readonly label: Name | undefined; readonly type: Type };

// ----------------------------------------------------------------------------------------------- steps

export type Block = { readonly kind: "block"; readonly span: Span; readonly steps: readonly Step[] };

export type Step = LetStep | ReturnStep | AbortStep | AssertStep | AssignStep | ExprStep;

export type LetStep = {
  readonly kind: "let";
  readonly span: Span;
  readonly pattern: Pattern;
  readonly type: Type | undefined;
  readonly value: Expr;
};
export type ReturnStep = { readonly kind: "return"; readonly span: Span; readonly value: Expr };
export type AbortStep = { readonly kind: "abort"; readonly span: Span; readonly value: Expr };
export type AssertStep = { readonly kind: "assert"; readonly span: Span; readonly value: Expr };
/** `state.a["b"] = value`; `place` is "state" under "member" and "index" nodes, and nothing else. */
export type AssignStep = { readonly kind: "assign"; readonly span: Span; readonly place: Expr; readonly value: Expr };
export type ExprStep = { readonly kind: "expr"; readonly span: Span; readonly value: Expr };

// ----------------------------------------------------------------------------------------- expressions

export type Expr =
  | IntExpr
  | DecimalExpr
  | FloatExpr
  | BoolExpr
  | TextExpr
  | DurationExpr
  | InstantExpr
  | HashExpr
  | NameExpr
  | StateExpr
  | GroupExpr
  | TupleExpr
  | ListExpr
  | MapExpr
  | MemberExpr
  | CallExpr
  | IndexExpr
  | TryExpr
  | UnaryExpr
  | BinaryExpr
  | MatchesExpr
  | LambdaExpr
  | IfExpr
  | MatchExpr
  | TimedExpr
  | BranchesExpr
  | WithExpr
  | Block
  | MissingExpr;

/** `text` is exactly the digits of the source, of any length. */
export type IntExpr = { readonly kind: "int"; readonly span: Span; readonly text: string };
/** `text` is exactly the source, "4.20". */
export type DecimalExpr = { readonly kind: "decimal"; readonly span: Span; readonly text: string };
/** `text` is the source without the `f`: "4.2", "1", "6.02e23". */
export type FloatExpr = { readonly kind: "float"; readonly span: Span; readonly text: string };
export type BoolExpr = { readonly kind: "bool"; readonly span: Span; readonly value: boolean };
/** A text with or without holes; neighbouring parts of kind "chars" do not occur, nor empty ones. */
export type TextExpr = { readonly kind: "text"; readonly span: Span; readonly parts: readonly TextPart[] };
/** `text` is the source, "1h30m"; see `Literal.milliseconds`. */
export type DurationExpr = { readonly kind: "duration"; readonly span: Span; readonly text: string };
/** `text` is the source without the `@`, "2025-06-01T12:00:00Z"; see `Literal.epochMilliseconds`. */
export type InstantExpr = { readonly kind: "instant"; readonly span: Span; readonly text: string };
export type HashExpr = { readonly kind: "hash"; readonly span: Span; readonly hash: Hash };

export type TextPart =
  | { readonly kind: "chars"; readonly span: Span; readonly value: string }
  | { readonly kind: "hole"; readonly span: Span; readonly value: Expr };

/** A name, with the hash that pins it where `name#bafy…` is written. */
export type NameExpr = {
  readonly kind: "name";
  readonly span: Span;
  readonly name: Name;
  readonly hash: Hash | undefined;
};
/** The word `state`. */
export type StateExpr = { readonly kind: "state"; readonly span: Span };
/** `(e)`: means e; kept so that the formatter keeps it. */
export type GroupExpr = { readonly kind: "group"; readonly span: Span; readonly inner: Expr };
/** `()`, `(a, b)`, `(eth: a)`: no items is Unit; one item without label is a group instead. */
export type TupleExpr = { readonly kind: "tuple"; readonly span: Span; readonly items: readonly Arg[] };
export type ListExpr = { readonly kind: "list"; readonly span: Span; readonly items: readonly Expr[] };
/** `["a": 1]`; `[:]` has no entries. */
export type MapExpr = { readonly kind: "map"; readonly span: Span; readonly entries: readonly MapEntry[] };
export type MapEntry = { readonly span: Span; readonly key: Expr; readonly value: Expr };
export type Arg = { readonly span: Span; readonly label: Name | undefined; readonly value: Expr };

export type MemberExpr = { readonly kind: "member"; readonly span: Span; readonly target: Expr; readonly name: Name };
/** `f(x)`, or `f!(x)` with `bang`. */
export type CallExpr = {
  readonly kind: "call";
  readonly span: Span;
  readonly callee: Expr;
  readonly bang: boolean;
  readonly args: readonly Arg[];
};
export type IndexExpr = { readonly kind: "index"; readonly span: Span; readonly target: Expr; readonly index: Expr };
/** `e?` */
export type TryExpr = { readonly kind: "try"; readonly span: Span; readonly target: Expr };
export type UnaryExpr = {
  readonly kind: "unary";
  readonly span: Span;
  readonly op: UnaryOp;
  readonly operand: Expr;
};
export type BinaryExpr = {
  readonly kind: "binary";
  readonly span: Span;
  readonly op: BinaryOp;
  readonly opSpan: Span;
  readonly left: Expr;
  readonly right: Expr;
};
export type MatchesExpr = {
  readonly kind: "matches";
  readonly span: Span;
  readonly subject: Expr;
  readonly pattern: Pattern;
};
export type LambdaExpr = {
  readonly kind: "lambda";
  readonly span: Span;
  readonly params: readonly Param[];
  readonly body: Block;
};
export type IfExpr = {
  readonly kind: "if";
  readonly span: Span;
  readonly condition: Expr;
  readonly then: Block;
  readonly else: IfExpr | Block | undefined;
};
export type MatchExpr = {
  readonly kind: "match";
  readonly span: Span;
  readonly subject: Expr;
  readonly arms: readonly Arm[];
};
export type Arm = {
  readonly span: Span;
  readonly pattern: Pattern;
  readonly guard: Expr | undefined;
  readonly body: Expr;
};
/** `within d { } else { }`, `after d { }`, `at t { }` */
export type TimedExpr = {
  readonly kind: "timed";
  readonly span: Span;
  readonly form: "within" | "after" | "at";
  readonly time: Expr;
  readonly body: Block;
  readonly else: Block | undefined;
};
/** `par { a = x; b = y }`, `race { }`, `first { }` */
export type BranchesExpr = {
  readonly kind: "branches";
  readonly span: Span;
  readonly form: "par" | "race" | "first";
  readonly branches: readonly Branch[];
};
export type Branch = { readonly span: Span; readonly label: Name | undefined; readonly value: Expr };
export type WithExpr = { readonly kind: "with"; readonly span: Span; readonly handler: Expr; readonly body: Block };
export type MissingExpr = { readonly kind: "missing"; readonly span: Span };

export type UnaryOp = "-" | "!";
export type BinaryOp =
  | ">>"
  | "<|>"
  | "<|"
  | "|>"
  | "||"
  | "&&"
  | "=="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "+"
  | "-"
  | "*"
  | "/"
  | "%";

// ------------------------------------------------------------------------------------------------ patterns

export type Pattern =
  | { readonly kind: "wildcard"; readonly span: Span }
  | { readonly kind: "bind"; readonly span: Span; readonly name: Name }
  /** `value` is a literal expression: int, decimal, float, bool, duration, instant, hash or a text without holes. */
  | {
      readonly kind: "literal";
      readonly span: Span;
      /** True for `-1`; only before int, decimal, float and duration. */
      readonly negative: boolean;
      readonly value: LiteralExpr;
    }
  /** `Swap(buyOn, edge: e, ..)`; `rest` is true with `..`. */
  | {
      readonly kind: "constructor";
      readonly span: Span;
      readonly name: Name;
      readonly items: readonly PatternItem[];
      readonly rest: boolean;
    }
  /** `(a, b)`, `(eth: a, ..)`; `()` is Unit; one unlabelled item without `..` is read as that item. */
  | {
      readonly kind: "tuplePattern";
      readonly span: Span;
      readonly items: readonly PatternItem[];
      readonly rest: boolean;
    }
  /** `[a, .. middle, z]`; without `..` `rest` is undefined and `after` is empty. */
  | {
      readonly kind: "listPattern";
      readonly span: Span;
      readonly before: readonly Pattern[];
      readonly rest: { readonly span: Span; readonly name: Name | undefined } | undefined;
      readonly after: readonly Pattern[];
    }
  | { readonly kind: "or"; readonly span: Span; readonly options: readonly Pattern[] }
  | { readonly kind: "as"; readonly span: Span; readonly pattern: Pattern; readonly name: Name }
  | { readonly kind: "missing"; readonly span: Span };

export type PatternItem = { readonly span: Span; readonly label: Name | undefined; readonly pattern: Pattern };

export type LiteralExpr =
  | IntExpr
  | DecimalExpr
  | FloatExpr
  | BoolExpr
  | TextExpr
  | DurationExpr
  | InstantExpr
  | HashExpr;

/** Any node that has a kind: what a walk visits. */
export type Node = File | Item | Clause | Operation | EntrySignature | HandlerClause | Type | Step | Expr | Pattern;
