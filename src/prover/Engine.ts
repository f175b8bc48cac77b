/**
 * The wasm kernels on shared memory, run by worker threads. Memory is a stack: `mark` and `release` bound what a phase
 * keeps. A job is a range cut into grains that the workers take from a shared counter; its result does not depend on
 * who takes what.
 */
import { Worker } from "node:worker_threads";
import { assert } from "../std/index.ts";
import { KERNELS_BASE64 } from "./kernels.generated.ts";

/** Bytes of scratch memory for each worker: the temporaries of a program's block. */
export const SCRATCH_BYTES = 1 << 20;
const PAGE_BYTES = 65536;
const MAX_PAGES = 65536;
const ALIGN_BYTES = 64;

export type Kernel =
  | "toMontgomery"
  | "extend"
  | "extendCoefficients"
  | "interpolate"
  | "powers"
  | "hashRows"
  | "hashWords"
  | "hashPairs"
  | "hashJoin"
  | "grind"
  | "run"
  | "dot"
  | "sumColumns"
  | "runningSum"
  | "fold"
  | "gather"
  | "reorder";

type Instance = Readonly<Record<Kernel, (scratch: number, from: number, to: number, ...rest: number[]) => void>>;

export type Engine = {
  /** Address of `bytes` fresh bytes, aligned for vectors; contents are not cleared. */
  alloc(bytes: number): number;
  mark(): number;
  release(mark: number): void;
  /** The words at an address. Take it anew after an `alloc`, which may grow the memory. */
  words(address: number, count: number): Uint32Array;
  /** All of memory as words; word i is at address 4i. Valid until the next `alloc`. */
  memory(): Uint32Array;
  /** Runs the kernel over 0..total, `grain` at a time. */
  run(kernel: Kernel, total: number, grain: number, ...args: number[]): Promise<void>;
  /** The same at once, on the caller's thread. */
  runHere(kernel: Kernel, total: number, ...args: number[]): void;
  /** The most bytes that were in use at once. */
  peakBytes(): number;
  close(): Promise<void>;
};

/** What a worker runs. Text, so that it needs no file of its own and no loader. */
const WORKER = `
const { parentPort, workerData } = require("node:worker_threads");
const { module, memory, counter, scratch } = workerData;
const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports;
const next = new Int32Array(memory.buffer, counter, 1);
parentPort.on("message", ({ kernel, total, grain, args }) => {
  for (;;) {
    const from = Atomics.add(next, 0, grain);
    if (from >= total) break;
    kernels[kernel](scratch, from, Math.min(total, from + grain), ...args);
  }
  parentPort.postMessage(0);
});
`;

type SharedMemory = { readonly buffer: SharedArrayBuffer; grow(pages: number): number };

/** What is used of the host's WebAssembly, which neither the language's library nor Node's types describe. */
const { WebAssembly } = globalThis as unknown as {
  readonly WebAssembly: {
    readonly Module: new (bytes: Uint8Array) => object;
    readonly Memory: new (of: { initial: number; maximum: number; shared: true }) => SharedMemory;
    readonly Instance: new (
      module: object,
      imports: { env: { memory: SharedMemory } },
    ) => { readonly exports: unknown };
  };
};

let compiled: object | undefined;

/** Starts an engine; 0 threads runs everything on the caller's. */
export function start(threads: number): Engine {
  compiled ??= new WebAssembly.Module(Buffer.from(KERNELS_BASE64, "base64"));
  const memory = new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES, shared: true });
  const own = new WebAssembly.Instance(compiled, { env: { memory } }).exports as Instance;
  let top = ALIGN_BYTES;
  let peak = top;
  const alloc = (bytes: number): number => {
    const address = top;
    top = Math.ceil((top + bytes) / ALIGN_BYTES) * ALIGN_BYTES;
    peak = Math.max(peak, top);
    const missing = Math.ceil((top - memory.buffer.byteLength) / PAGE_BYTES);
    if (missing > 0) {
      assert(memory.buffer.byteLength / PAGE_BYTES + missing <= MAX_PAGES, "a segment needs more than 4 GiB");
      memory.grow(missing);
    }
    return address;
  };
  const counter = alloc(ALIGN_BYTES);
  const scratch = alloc(SCRATCH_BYTES);
  const workers = Array.from({ length: threads }, () => {
    const workerData = { module: compiled, memory, counter, scratch: alloc(SCRATCH_BYTES) };
    const worker = new Worker(WORKER, { eval: true, workerData });
    worker.unref();
    return worker;
  });
  let failure: Error | undefined;
  let finish: { done: () => void; failed: (error: Error) => void; left: number } | undefined;
  for (const worker of workers) {
    worker.on("message", () => {
      if (finish !== undefined && --finish.left === 0) finish.done();
    });
    worker.on("error", (error) => {
      failure = error as Error;
      finish?.failed(failure);
    });
  }
  return {
    alloc,
    mark: () => top,
    release(mark) {
      top = mark;
    },
    memory: () => new Uint32Array(memory.buffer),
    words: (address, count) => new Uint32Array(memory.buffer, address, count),
    async run(kernel, total, grain, ...args) {
      if (failure !== undefined) throw failure;
      if (workers.length === 0 || total <= grain) {
        own[kernel](scratch, 0, total, ...args);
        return;
      }
      new Int32Array(memory.buffer, counter, 1)[0] = 0;
      await new Promise<void>((resolve, reject) => {
        const ended = (): void => {
          for (const worker of workers) worker.unref();
          finish = undefined;
        };
        finish = {
          left: workers.length,
          done: () => {
            ended();
            resolve();
          },
          failed: (error) => {
            ended();
            reject(error);
          },
        };
        for (const worker of workers) {
          worker.ref();
          worker.postMessage({ kernel, total, grain, args });
        }
      });
    },
    runHere(kernel, total, ...args) {
      own[kernel](scratch, 0, total, ...args);
    },
    peakBytes: () => peak,
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
