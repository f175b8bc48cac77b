/** Just enough of the WebAssembly binary format (core specification 1.0, chapter 5) to write one module. */

export const I32 = 0x7f;
export const I64 = 0x7e;
const EMPTY_BLOCK = 0x40;

/** Opcodes used by the translation. */
export const Code = {
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  i32Load: 0x28,
  i32Load8S: 0x2c,
  i32Load8U: 0x2d,
  i32Load16S: 0x2e,
  i32Load16U: 0x2f,
  i32Store: 0x36,
  i32Store8: 0x3a,
  i32Store16: 0x3b,
  i32Const: 0x41,
  i64Const: 0x42,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32Ne: 0x47,
  i32LtS: 0x48,
  i32LtU: 0x49,
  i32GeS: 0x4e,
  i32GeU: 0x4f,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i32DivS: 0x6d,
  i32DivU: 0x6e,
  i32RemS: 0x6f,
  i32RemU: 0x70,
  i32And: 0x71,
  i32Or: 0x72,
  i32Xor: 0x73,
  i32Shl: 0x74,
  i32ShrS: 0x75,
  i32ShrU: 0x76,
  i64Mul: 0x7e,
  i64ShrU: 0x88,
  i32WrapI64: 0xa7,
  i64ExtendI32S: 0xac,
  i64ExtendI32U: 0xad,
} as const;

/** A growing byte buffer with the number formats of WebAssembly. */
export type Writer = {
  readonly byte: (...bytes: readonly number[]) => void;
  readonly unsigned: (value: number) => void;
  /** A signed 32-bit number. */
  readonly signed: (value: number) => void;
  readonly append: (bytes: Uint8Array) => void;
  readonly bytes: () => Uint8Array;
};

export function writer(): Writer {
  let buffer = new Uint8Array(256);
  let length = 0;
  const reserve = (count: number): void => {
    if (length + count <= buffer.length) return;
    const larger = new Uint8Array(Math.max(2 * buffer.length, length + count));
    larger.set(buffer.subarray(0, length));
    buffer = larger;
  };
  const byte = (...bytes: readonly number[]): void => {
    reserve(bytes.length);
    for (const value of bytes) buffer[length++] = value;
  };
  return {
    byte,
    unsigned(value) {
      let rest = value;
      while (rest >= 0x80) {
        byte((rest & 0x7f) | 0x80);
        rest >>>= 7;
      }
      byte(rest);
    },
    signed(value) {
      let rest = value | 0;
      while (rest < -64 || rest > 63) {
        byte((rest & 0x7f) | 0x80);
        rest >>= 7;
      }
      byte(rest & 0x7f);
    },
    append(bytes) {
      reserve(bytes.length);
      buffer.set(bytes, length);
      length += bytes.length;
    },
    bytes: () => buffer.slice(0, length),
  };
}

/** Instructions of one function body, with names for what the translation emits most. */
export type Body = Writer & {
  readonly op: (...codes: readonly number[]) => void;
  readonly i32: (value: number) => void;
  readonly get: (local: number) => void;
  readonly set: (local: number) => void;
  readonly tee: (local: number) => void;
  readonly block: () => void;
  readonly loop: () => void;
  readonly iff: (result?: number) => void;
  readonly br: (depth: number) => void;
  readonly brIf: (depth: number) => void;
  readonly brTable: (depths: readonly number[], otherwise: number) => void;
  /** A load or store with its alignment (log2 of bytes) and constant offset. */
  readonly memory: (code: number, align: number, offset: number) => void;
};

export function body(): Body {
  const w = writer();
  const indexed =
    (code: number) =>
    (index: number): void => {
      w.byte(code);
      w.unsigned(index);
    };
  return {
    ...w,
    op: w.byte,
    i32(value) {
      w.byte(Code.i32Const);
      w.signed(value);
    },
    get: indexed(Code.localGet),
    set: indexed(Code.localSet),
    tee: indexed(Code.localTee),
    block: () => w.byte(Code.block, EMPTY_BLOCK),
    loop: () => w.byte(Code.loop, EMPTY_BLOCK),
    iff: (result = EMPTY_BLOCK) => w.byte(Code.if, result),
    br: indexed(Code.br),
    brIf: indexed(Code.brIf),
    brTable(depths, otherwise) {
      w.byte(Code.brTable);
      w.unsigned(depths.length);
      for (const depth of depths) w.unsigned(depth);
      w.unsigned(otherwise);
    },
    memory(code, align, offset) {
      w.byte(code);
      w.unsigned(align);
      w.unsigned(offset);
    },
  };
}

export type FunctionOf = {
  readonly exported: string;
  readonly parameters: number;
  /** Extra locals: counts of i32 and of i64, in this order after the parameters. */
  readonly locals: { readonly i32: number; readonly i64: number };
  readonly body: Uint8Array;
};

/** A module that imports a memory as `host.memory`; every function takes i32s and gives one i32. */
export function encodeModule(functions: readonly FunctionOf[], minimumPages: number): Uint8Array {
  const out = writer();
  const section = (id: number, fill: (w: Writer) => void): void => {
    const w = writer();
    fill(w);
    out.byte(id);
    const bytes = w.bytes();
    out.unsigned(bytes.length);
    out.append(bytes);
  };
  const text = (w: Writer, value: string): void => {
    w.unsigned(value.length);
    for (let i = 0; i < value.length; i++) w.byte(value.charCodeAt(i));
  };
  out.byte(0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  const shapes = [...new Set(functions.map((each) => each.parameters))];
  section(1, (w) => {
    w.unsigned(shapes.length);
    for (const parameters of shapes) {
      w.byte(0x60);
      w.unsigned(parameters);
      for (let i = 0; i < parameters; i++) w.byte(I32);
      w.byte(1, I32);
    }
  });
  section(2, (w) => {
    w.unsigned(1);
    text(w, "host");
    text(w, "memory");
    w.byte(2, 0);
    w.unsigned(minimumPages);
  });
  section(3, (w) => {
    w.unsigned(functions.length);
    for (const each of functions) w.unsigned(shapes.indexOf(each.parameters));
  });
  section(7, (w) => {
    w.unsigned(functions.length);
    for (const [i, each] of functions.entries()) {
      text(w, each.exported);
      w.byte(0);
      w.unsigned(i);
    }
  });
  section(10, (w) => {
    w.unsigned(functions.length);
    for (const each of functions) {
      const inner = writer();
      inner.unsigned(2);
      inner.unsigned(each.locals.i32);
      inner.byte(I32);
      inner.unsigned(each.locals.i64);
      inner.byte(I64);
      inner.append(each.body);
      const bytes = inner.bytes();
      w.unsigned(bytes.length);
      w.append(bytes);
    }
  });
  return out.bytes();
}
