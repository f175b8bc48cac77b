/** Runs a translated program on a machine whose buffer is a WebAssembly memory. */
import { assert } from "../../std/index.ts";
import * as Machine from "../Machine.ts";
import type { Program } from "../Program.ts";
import { step, touched } from "../step.ts";
import { LEFT_AT_BYTES, PAGES, REGION_PLACES, translate } from "./translate.ts";

/** What is needed of the host: its `WebAssembly` object fits. */
export type WebAssemblyHost = {
  readonly Memory: new (shape: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (
    // biome-ignore lint/suspicious/noExplicitAny: the host's own class of modules and imports
    module: any,
    // biome-ignore lint/suspicious/noExplicitAny: as above
    imports: any,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
};

export type Translated = {
  readonly machine: Machine.Machine;
  /** Runs until the program exits, traps, or `steps` more instructions have been executed. */
  readonly run: (steps: number) => void;
};

const SLICE_STEPS = 2 ** 30;

/** Compiles the program and makes a machine for it. */
export function prepare(host: WebAssemblyHost, program: Program, input?: Uint32Array): Translated {
  const { bytes, regions } = translate(program);
  const memory = new host.Memory({ initial: PAGES, maximum: PAGES });
  const module = new host.Module(bytes as Uint8Array<ArrayBuffer>);
  const { exports } = new host.Instance(module, { host: { memory } });
  const functions = regions.map((used, i) =>
    used ? (exports[`r${i}`] as (at: number, left: number) => number) : undefined,
  );
  const machine = Machine.of(program, input, memory.buffer);
  const left = new Int32Array(memory.buffer, LEFT_AT_BYTES, 1);
  const { start, length } = program.code;
  const seen = touched();

  const run = (steps: number): void => {
    const stop = machine.cycles + steps;
    while (machine.status.kind === "running" && machine.cycles < stop) {
      const place = (machine.pc - start) / 4;
      const region = place >= 0 && place < length ? functions[Math.floor(place / REGION_PLACES)] : undefined;
      let executed = 0;
      if (region !== undefined) {
        const allowed = Math.min(SLICE_STEPS, stop - machine.cycles);
        machine.pc = (start + 4 * region(place, allowed)) >>> 0;
        executed = allowed - left[0]!;
        assert(executed >= 0, "a region ran longer than it was allowed to");
        machine.cycles += executed;
      }
      if (executed === 0) step(machine, seen);
    }
  };
  return { machine, run };
}
