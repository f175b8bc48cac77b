/**
 * The hot loop: runs one fiber until something happens that is not its own business. Everything rare leaves the loop with
 * an exit code, and `schedule.ts` does it, so that the host's compiler sees a small function.
 *
 * Case labels are the numbers of `instructions` in codegen/bytecode/Tree.ts, written as literals because hosts make a jump
 * table of literals only. Ints take the path of safe numbers first: the sum of two of them is exact when it is safe, so
 * one comparison decides.
 */
import { Value } from "../../content/index.ts";
import { intAdd, intEqual, intLess, intLessOrEqual, intMultiply, intSubtract } from "../builtins/int.ts";
import { mapLiteral } from "../builtins/map.ts";
import type { Loaded } from "./Library.ts";
import type { Fiber, Machine } from "./Machine.ts";
import { Fault, OutOfFuel, OutOfMemory, Stuck } from "./Meter.ts";

type V = Value.Value;

/** Why the loop ended. `position` of the fiber is at the instruction that asks, or after a return. */
export const Exit = {
  /** The frame at the trap returned `fiber.value`. */
  returned: 0,
  /** The slice of fuel is used up; nothing of the instruction has been done. */
  fuel: 1,
  /** A link, or the definition of an applied function, is not loaded yet. */
  link: 2,
  /** An instruction for `schedule.ts`. */
  other: 3,
} as const;

const SAFE = Number.MAX_SAFE_INTEGER;

/** What the last `returned` exit gave; a cell of its own, as a value is no field of plain state. */
export const returned: { value: V } = { value: Value.unit };

export function runFiber(machine: Machine, fiber: Fiber): number {
  const table = machine.library.table;
  const meter = machine.meter;
  const R = fiber.registers;
  const F = fiber.frames;
  const trap = fiber.trap;
  let depth = fiber.depth;
  let base = fiber.base;
  let pc = fiber.position;
  let current: Loaded = table[fiber.definition]!;
  let ops = current.ops;
  let links = current.links;
  let fuel = meter.fuel;
  let memory = meter.memory;
  /** While a charge is being made elsewhere, the meter itself holds the amounts. */
  let away = false;
  let reserve = meter.reserve;
  let exit: number = Exit.other;
  ensure(R, base + current.registers);
  try {
    loop: for (;;) {
      switch (ops[pc]!) {
        case 0: // move
          R[base + ops[pc + 1]!] = R[base + ops[pc + 2]!]!;
          pc += 3;
          continue;
        case 1: // constant
          R[base + ops[pc + 1]!] = current.code.constants[ops[pc + 2]!]!;
          pc += 3;
          continue;
        case 2: {
          // add
          const a = R[base + ops[pc + 2]!]!;
          const b = R[base + ops[pc + 3]!]!;
          if (typeof a === "number" && typeof b === "number") {
            const sum = a + b;
            if (sum <= SAFE && sum >= -SAFE) {
              R[base + ops[pc + 1]!] = sum;
              pc += 4;
              continue;
            }
          }
          meter.fuel = fuel;
          meter.memory = memory;
          away = true;
          R[base + ops[pc + 1]!] = intAdd(meter, a, b);
          fuel = meter.fuel;
          memory = meter.memory;
          reserve = meter.reserve;
          away = false;
          pc += 4;
          continue;
        }
        case 3: {
          // subtract
          const a = R[base + ops[pc + 2]!]!;
          const b = R[base + ops[pc + 3]!]!;
          if (typeof a === "number" && typeof b === "number") {
            const difference = a - b;
            if (difference <= SAFE && difference >= -SAFE) {
              R[base + ops[pc + 1]!] = difference;
              pc += 4;
              continue;
            }
          }
          meter.fuel = fuel;
          meter.memory = memory;
          away = true;
          R[base + ops[pc + 1]!] = intSubtract(meter, a, b);
          fuel = meter.fuel;
          memory = meter.memory;
          reserve = meter.reserve;
          away = false;
          pc += 4;
          continue;
        }
        case 4: {
          // addImmediate
          const a = R[base + ops[pc + 2]!]!;
          if (typeof a === "number") {
            const sum = a + ops[pc + 3]!;
            if (sum <= SAFE && sum >= -SAFE) {
              R[base + ops[pc + 1]!] = sum;
              pc += 4;
              continue;
            }
          }
          meter.fuel = fuel;
          meter.memory = memory;
          away = true;
          R[base + ops[pc + 1]!] = intAdd(meter, a, ops[pc + 3]!);
          fuel = meter.fuel;
          memory = meter.memory;
          reserve = meter.reserve;
          away = false;
          pc += 4;
          continue;
        }
        case 5: {
          // subtractImmediate
          const a = R[base + ops[pc + 2]!]!;
          if (typeof a === "number") {
            const difference = a - ops[pc + 3]!;
            if (difference <= SAFE && difference >= -SAFE) {
              R[base + ops[pc + 1]!] = difference;
              pc += 4;
              continue;
            }
          }
          meter.fuel = fuel;
          meter.memory = memory;
          away = true;
          R[base + ops[pc + 1]!] = intSubtract(meter, a, ops[pc + 3]!);
          fuel = meter.fuel;
          memory = meter.memory;
          reserve = meter.reserve;
          away = false;
          pc += 4;
          continue;
        }
        case 6: {
          // call1
          const callee = links[ops[pc + 1]!];
          if (callee === undefined) {
            exit = Exit.link;
            break loop;
          }
          fuel -= callee.entryFuel;
          if (fuel < 0) {
            fuel += callee.entryFuel;
            exit = Exit.fuel;
            break loop;
          }
          memory -= callee.frameBytes;
          if (memory < 0) throw new OutOfMemory();
          const next = base + current.registers;
          if (next + callee.registers > R.length) ensure(R, next + callee.registers);
          R[next] = R[base + ops[pc + 2]!]!;
          F[depth] = current.index;
          F[depth + 1] = pc + 4;
          F[depth + 2] = base;
          depth += 3;
          base = next;
          current = callee;
          ops = callee.ops;
          links = callee.links;
          pc = 0;
          continue;
        }
        case 7: {
          // call2
          const callee = links[ops[pc + 1]!];
          if (callee === undefined) {
            exit = Exit.link;
            break loop;
          }
          fuel -= callee.entryFuel;
          if (fuel < 0) {
            fuel += callee.entryFuel;
            exit = Exit.fuel;
            break loop;
          }
          memory -= callee.frameBytes;
          if (memory < 0) throw new OutOfMemory();
          const next = base + current.registers;
          if (next + callee.registers > R.length) ensure(R, next + callee.registers);
          R[next] = R[base + ops[pc + 2]!]!;
          R[next + 1] = R[base + ops[pc + 3]!]!;
          F[depth] = current.index;
          F[depth + 1] = pc + 5;
          F[depth + 2] = base;
          depth += 3;
          base = next;
          current = callee;
          ops = callee.ops;
          links = callee.links;
          pc = 0;
          continue;
        }
        case 8: {
          // return
          const value = R[base + ops[pc + 1]!]!;
          if (depth === trap) {
            returned.value = value;
            exit = Exit.returned;
            break loop;
          }
          memory += current.frameBytes;
          depth -= 3;
          current = table[F[depth]!]!;
          pc = F[depth + 1]!;
          base = F[depth + 2]!;
          ops = current.ops;
          links = current.links;
          R[base + ops[pc - 1]!] = value;
          continue;
        }
        case 9: {
          // jumpUnlessLessImmediate
          const a = R[base + ops[pc + 1]!]!;
          if (typeof a !== "number") {
            exit = Exit.other;
            break loop;
          }
          const holds = a < ops[pc + 2]!;
          const cost = holds ? ops[pc + 4]! : ops[pc + 5]!;
          fuel -= cost;
          if (fuel < 0) {
            fuel += cost;
            exit = Exit.fuel;
            break loop;
          }
          pc = holds ? pc + 6 : ops[pc + 3]!;
          continue;
        }
        case 10: {
          // jumpUnlessMoreImmediate
          const a = R[base + ops[pc + 1]!]!;
          if (typeof a !== "number") {
            exit = Exit.other;
            break loop;
          }
          const holds = a > ops[pc + 2]!;
          const cost = holds ? ops[pc + 4]! : ops[pc + 5]!;
          fuel -= cost;
          if (fuel < 0) {
            fuel += cost;
            exit = Exit.fuel;
            break loop;
          }
          pc = holds ? pc + 6 : ops[pc + 3]!;
          continue;
        }
        case 11: // jumpUnlessLess
        case 12: // jumpUnlessLessOrEqual
        case 13: // jumpUnlessEqualImmediate
        case 14: {
          // jumpUnlessEqual
          const op = ops[pc]!;
          const a = R[base + ops[pc + 1]!]!;
          const b = op === 13 ? ops[pc + 2]! : R[base + ops[pc + 2]!]!;
          if (typeof a !== "number" || typeof b !== "number") {
            exit = Exit.other;
            break loop;
          }
          const holds = op === 11 ? a < b : op === 12 ? a <= b : a === b;
          const cost = holds ? ops[pc + 4]! : ops[pc + 5]!;
          fuel -= cost;
          if (fuel < 0) {
            fuel += cost;
            exit = Exit.fuel;
            break loop;
          }
          pc = holds ? pc + 6 : ops[pc + 3]!;
          continue;
        }
        case 15: {
          // jumpUnless
          const holds = R[base + ops[pc + 1]!]!;
          if (typeof holds !== "boolean") throw new Stuck("a condition is not a Bool");
          const cost = holds ? ops[pc + 3]! : ops[pc + 4]!;
          fuel -= cost;
          if (fuel < 0) {
            fuel += cost;
            exit = Exit.fuel;
            break loop;
          }
          pc = holds ? pc + 5 : ops[pc + 2]!;
          continue;
        }
        case 16: // jump
          pc = ops[pc + 1]!;
          continue;
        case 17: // charge
          fuel -= ops[pc + 1]!;
          if (fuel < 0) {
            fuel += ops[pc + 1]!;
            exit = Exit.fuel;
            break loop;
          }
          pc += 2;
          continue;
        case 18: // less
        case 19: // lessOrEqual
        case 20: {
          // equal
          const op = ops[pc]!;
          const a = R[base + ops[pc + 2]!]!;
          const b = R[base + ops[pc + 3]!]!;
          meter.fuel = fuel;
          meter.memory = memory;
          away = true;
          R[base + ops[pc + 1]!] =
            op === 18 ? intLess(meter, a, b) : op === 19 ? intLessOrEqual(meter, a, b) : intEqual(meter, a, b);
          fuel = meter.fuel;
          memory = meter.memory;
          reserve = meter.reserve;
          away = false;
          pc += 4;
          continue;
        }
        case 21: {
          // multiply
          const a = R[base + ops[pc + 2]!]!;
          const b = R[base + ops[pc + 3]!]!;
          if (typeof a === "number" && typeof b === "number") {
            const product = a * b;
            if (product <= SAFE && product >= -SAFE) {
              R[base + ops[pc + 1]!] = product + 0; // −0 + 0 is 0
              pc += 4;
              continue;
            }
          }
          meter.fuel = fuel;
          meter.memory = memory;
          away = true;
          R[base + ops[pc + 1]!] = intMultiply(meter, a, b);
          fuel = meter.fuel;
          memory = meter.memory;
          reserve = meter.reserve;
          away = false;
          pc += 4;
          continue;
        }
        case 22: {
          // field; the last operand remembers where the field was found last
          const record = R[base + ops[pc + 2]!]!;
          const name = current.code.names[ops[pc + 3]!]!;
          if (typeof record !== "object" || record.tag !== "record")
            throw new Stuck(`field ${name} of what is no record`);
          let at = ops[pc + 4]!;
          if (record.names[at] !== name) {
            at = record.names.indexOf(name);
            if (at < 0) throw new Stuck(`the record has no field ${name}`);
            ops[pc + 4] = at;
          }
          R[base + ops[pc + 1]!] = record.values[at]!;
          pc += 5;
          continue;
        }
        case 23: {
          // item
          const tuple = R[base + ops[pc + 2]!]!;
          if (typeof tuple !== "object" || tuple.tag !== "tuple" || !(ops[pc + 3]! < tuple.items.length))
            throw new Stuck(`item ${ops[pc + 3]!} of what has none`);
          R[base + ops[pc + 1]!] = tuple.items[ops[pc + 3]!]!;
          pc += 4;
          continue;
        }
        case 24: {
          // switch
          const subject = R[base + ops[pc + 1]!]!;
          if (typeof subject !== "object" || subject.tag !== "variant")
            throw new Stuck("a switch on what is no variant");
          const count = ops[pc + 4]!;
          const names = current.code.names;
          let at = pc + 5;
          const end = at + 4 * count;
          while (at < end && names[ops[at]!] !== subject.case) at += 4;
          const found = at < end;
          const to = found ? ops[at + 1]! : ops[pc + 2]!;
          const cost = found ? ops[at + 2]! : ops[pc + 3]!;
          if (to < 0) throw new Stuck(`no branch for the case ${subject.case}`);
          fuel -= cost;
          if (fuel < 0) {
            fuel += cost;
            exit = Exit.fuel;
            break loop;
          }
          if (found && ops[at + 3]! >= 0) {
            if (subject.payload === undefined) throw new Stuck(`the case ${subject.case} has no payload`);
            R[base + ops[at + 3]!] = subject.payload;
          }
          pc = to;
          continue;
        }
        case 25: // variant
          memory -= 24;
          if (memory < 0) throw new OutOfMemory();
          R[base + ops[pc + 1]!] = {
            tag: "variant",
            case: current.code.names[ops[pc + 2]!]!,
            payload: R[base + ops[pc + 3]!]!,
          };
          pc += 4;
          continue;
        case 26: {
          // record
          const count = ops[pc + 3]!;
          memory -= 16 + 8 * count;
          if (memory < 0) throw new OutOfMemory();
          const values: V[] = new Array(count);
          for (let i = 0; i < count; i++) values[i] = R[base + ops[pc + 4 + i]!]!;
          R[base + ops[pc + 1]!] = { tag: "record", names: current.code.shapes[ops[pc + 2]!]!, values };
          pc += 4 + count;
          continue;
        }
        case 27: // tuple
        case 28: {
          // list
          const count = ops[pc + 2]!;
          memory -= 16 + 8 * count;
          if (memory < 0) throw new OutOfMemory();
          const items: V[] = new Array(count);
          for (let i = 0; i < count; i++) items[i] = R[base + ops[pc + 3 + i]!]!;
          R[base + ops[pc + 1]!] = ops[pc] === 27 ? { tag: "tuple", items } : { tag: "list", items };
          pc += 3 + count;
          continue;
        }
        case 29: {
          // map
          const count = ops[pc + 2]!;
          const entries: [V, V][] = [];
          for (let i = 0; i < count; i += 2) entries.push([R[base + ops[pc + 3 + i]!]!, R[base + ops[pc + 4 + i]!]!]);
          meter.fuel = fuel;
          meter.memory = memory;
          away = true;
          R[base + ops[pc + 1]!] = mapLiteral(meter, entries);
          fuel = meter.fuel;
          memory = meter.memory;
          reserve = meter.reserve;
          away = false;
          pc += 3 + count;
          continue;
        }
        case 30: {
          // closure
          const count = ops[pc + 3]!;
          memory -= 24 + 8 * count;
          if (memory < 0) throw new OutOfMemory();
          const captured: V[] = new Array(count);
          for (let i = 0; i < count; i++) captured[i] = R[base + ops[pc + 4 + i]!]!;
          R[base + ops[pc + 1]!] = { tag: "closure", definition: current.code.links[ops[pc + 2]!]!, captured };
          pc += 4 + count;
          continue;
        }
        case 31: {
          // call
          const callee = links[ops[pc + 1]!];
          if (callee === undefined) {
            exit = Exit.link;
            break loop;
          }
          fuel -= callee.entryFuel;
          if (fuel < 0) {
            fuel += callee.entryFuel;
            exit = Exit.fuel;
            break loop;
          }
          memory -= callee.frameBytes;
          if (memory < 0) throw new OutOfMemory();
          const count = ops[pc + 2]!;
          const next = base + current.registers;
          if (next + callee.registers > R.length) ensure(R, next + callee.registers);
          for (let i = 0; i < count; i++) R[next + i] = R[base + ops[pc + 3 + i]!]!;
          F[depth] = current.index;
          F[depth + 1] = pc + 4 + count;
          F[depth + 2] = base;
          depth += 3;
          base = next;
          current = callee;
          ops = callee.ops;
          links = callee.links;
          pc = 0;
          continue;
        }
        case 32: {
          // tailCall
          const callee = links[ops[pc + 1]!];
          if (callee === undefined) {
            exit = Exit.link;
            break loop;
          }
          fuel -= callee.entryFuel;
          if (fuel < 0) {
            fuel += callee.entryFuel;
            exit = Exit.fuel;
            break loop;
          }
          memory += current.frameBytes - callee.frameBytes;
          if (memory < 0) throw new OutOfMemory();
          const count = ops[pc + 2]!;
          // By way of the space above the frame: an argument may be read from where another one goes.
          const above = base + current.registers;
          if (Math.max(above + count, base + callee.registers) > R.length)
            ensure(R, Math.max(above + count, base + callee.registers));
          for (let i = 0; i < count; i++) R[above + i] = R[base + ops[pc + 3 + i]!]!;
          for (let i = 0; i < count; i++) R[base + i] = R[above + i]!;
          current = callee;
          ops = callee.ops;
          links = callee.links;
          pc = 0;
          continue;
        }
        case 33: // apply
        case 34: {
          // tailApply; the second operand remembers the definition that was applied last
          const called = R[base + ops[pc + 1]!]!;
          if (typeof called !== "object" || called.tag !== "closure") throw new Stuck("a call of what is no function");
          const callee = table[ops[pc + 2]!];
          if (callee === undefined || callee.hash !== called.definition) {
            exit = Exit.link;
            break loop;
          }
          const captured = called.captured;
          const own = captured.length;
          const count = ops[pc + 3]!;
          if (own !== callee.captured || own + count !== callee.parameters)
            throw new Stuck(`${callee.name} takes ${callee.parameters} arguments, not ${own + count}`);
          fuel -= callee.entryFuel;
          if (fuel < 0) {
            fuel += callee.entryFuel;
            exit = Exit.fuel;
            break loop;
          }
          const above = base + current.registers;
          if (ops[pc] === 33) {
            memory -= callee.frameBytes;
            if (memory < 0) throw new OutOfMemory();
            if (above + callee.registers > R.length) ensure(R, above + callee.registers);
            for (let i = 0; i < own; i++) R[above + i] = captured[i]!;
            for (let i = 0; i < count; i++) R[above + own + i] = R[base + ops[pc + 4 + i]!]!;
            F[depth] = current.index;
            F[depth + 1] = pc + 5 + count;
            F[depth + 2] = base;
            depth += 3;
            base = above;
          } else {
            memory += current.frameBytes - callee.frameBytes;
            if (memory < 0) throw new OutOfMemory();
            // By way of the space above both frames.
            const aside = base + Math.max(current.registers, callee.registers);
            if (aside + count > R.length) ensure(R, aside + count);
            for (let i = 0; i < count; i++) R[aside + i] = R[base + ops[pc + 4 + i]!]!;
            for (let i = 0; i < own; i++) R[base + i] = captured[i]!;
            for (let i = 0; i < count; i++) R[base + own + i] = R[aside + i]!;
          }
          current = callee;
          ops = callee.ops;
          links = callee.links;
          pc = 0;
          continue;
        }
        case 35: {
          // builtin1
          const builtin = current.builtins[ops[pc + 2]!]!;
          const a = R[base + ops[pc + 3]!]!;
          if (builtin.charge !== undefined) {
            meter.fuel = fuel;
            meter.memory = memory;
            away = true;
            builtin.charge(meter, a, a, a, a);
            fuel = meter.fuel;
            memory = meter.memory;
            reserve = meter.reserve;
            away = false;
          }
          R[base + ops[pc + 1]!] = builtin.apply(a, a, a, a);
          pc += 4;
          continue;
        }
        case 36: {
          // builtin2
          const builtin = current.builtins[ops[pc + 2]!]!;
          const a = R[base + ops[pc + 3]!]!;
          const b = R[base + ops[pc + 4]!]!;
          if (builtin.charge !== undefined) {
            meter.fuel = fuel;
            meter.memory = memory;
            away = true;
            builtin.charge(meter, a, b, b, b);
            fuel = meter.fuel;
            memory = meter.memory;
            reserve = meter.reserve;
            away = false;
          }
          R[base + ops[pc + 1]!] = builtin.apply(a, b, b, b);
          pc += 5;
          continue;
        }
        case 37: {
          // builtin, of three or four arguments
          const builtin = current.builtins[ops[pc + 2]!]!;
          const count = ops[pc + 3]!;
          const a = R[base + ops[pc + 4]!]!;
          const b = R[base + ops[pc + 5]!]!;
          const c = R[base + ops[pc + 6]!]!;
          const d = count > 3 ? R[base + ops[pc + 7]!]! : c;
          if (builtin.charge !== undefined) {
            meter.fuel = fuel;
            meter.memory = memory;
            away = true;
            builtin.charge(meter, a, b, c, d);
            fuel = meter.fuel;
            memory = meter.memory;
            reserve = meter.reserve;
            away = false;
          }
          R[base + ops[pc + 1]!] = builtin.apply(a, b, c, d);
          pc += 4 + count;
          continue;
        }
        case 38: {
          // fault
          const message = R[base + ops[pc + 2]!]!;
          throw new Fault(current.code.names[ops[pc + 1]!]!, typeof message === "string" ? message : "");
        }
        case 52: {
          // call1Subtract
          const callee = links[ops[pc + 1]!];
          if (callee === undefined) {
            exit = Exit.link;
            break loop;
          }
          const a = R[base + ops[pc + 2]!]!;
          const less = typeof a === "number" ? a - ops[pc + 3]! : Number.NaN;
          if (!(less <= SAFE && less >= -SAFE)) {
            exit = Exit.other;
            break loop;
          }
          fuel -= callee.entryFuel;
          if (fuel < 0) {
            fuel += callee.entryFuel;
            exit = Exit.fuel;
            break loop;
          }
          memory -= callee.frameBytes;
          if (memory < 0) throw new OutOfMemory();
          const next = base + current.registers;
          if (next + callee.registers > R.length) ensure(R, next + callee.registers);
          R[next] = less;
          F[depth] = current.index;
          F[depth + 1] = pc + 5;
          F[depth + 2] = base;
          depth += 3;
          base = next;
          current = callee;
          ops = callee.ops;
          links = callee.links;
          pc = 0;
          continue;
        }
        case 53: {
          // returnAdd
          const a = R[base + ops[pc + 1]!]!;
          const b = R[base + ops[pc + 2]!]!;
          let value: V = typeof a === "number" && typeof b === "number" ? a + b : Number.NaN;
          if (!(value <= SAFE && value >= -SAFE)) {
            meter.fuel = fuel;
            meter.memory = memory;
            away = true;
            value = intAdd(meter, a, b);
            fuel = meter.fuel;
            memory = meter.memory;
            reserve = meter.reserve;
            away = false;
          }
          if (depth === trap) {
            returned.value = value;
            exit = Exit.returned;
            break loop;
          }
          memory += current.frameBytes;
          depth -= 3;
          current = table[F[depth]!]!;
          pc = F[depth + 1]!;
          base = F[depth + 2]!;
          ops = current.ops;
          links = current.links;
          R[base + ops[pc - 1]!] = value;
          continue;
        }
        case 54: // pay
          fuel -= ops[pc + 1]!;
          if (fuel < 0) {
            fuel += ops[pc + 1]!;
            exit = Exit.fuel;
            break loop;
          }
          memory -= ops[pc + 2]!;
          if (memory < 0) throw new OutOfMemory();
          pc += 3;
          continue;
        case 55: {
          // again
          const cost = ops[pc + 2]!;
          fuel -= cost;
          if (fuel < 0) {
            fuel += cost;
            exit = Exit.fuel;
            break loop;
          }
          for (let at = pc + 4, end = at + 2 * ops[pc + 3]!; at < end; at += 2)
            R[base + ops[at]!] = R[base + ops[at + 1]!]!;
          pc = ops[pc + 1]!;
          continue;
        }
        default:
          exit = Exit.other;
          break loop;
      }
    }
  } catch (error) {
    if (away && error instanceof OutOfFuel) {
      // The instruction has not been done: its charges are taken back, so that it can be tried again with more.
      meter.reserve = reserve;
      away = false;
    }
    throw error;
  } finally {
    fiber.depth = depth;
    fiber.base = base;
    fiber.position = pc;
    fiber.definition = current.index;
    if (!away) {
      meter.fuel = fuel;
      meter.memory = memory;
    }
  }
  return exit;
}

/** Makes room for registers. Growing by half keeps the cost of a deep recursion linear. */
export function ensure(registers: V[], length: number): void {
  if (length <= registers.length) return;
  for (let i = registers.length, end = length + (length >> 1) + 64; i < end; i++) registers.push(0);
}
