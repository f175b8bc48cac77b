/**
 * A hiding proof is one of a machine whose tables each send a few messages of random multiplicity to a bus of their
 * own, so that the sums which the tables publish say nothing: over all tables of a run these messages cancel.
 */
import { bus, defineMachine, type Machine, type MainColumn, type Table } from "./air.ts";

const blindBus = bus("blind", "row");

/** The columns that hiding adds behind a table's own: a multiplicity, and the number that it is sent with. */
export const BLIND_COLUMNS = 2;
/** Messages of a table: with five, the masked sum is uniform in the extension of degree five. */
export const BLIND_ROWS = 5;

export function hidingMachine(machine: Machine): Machine {
  return defineMachine(machine.name, machine.tables.map(blinded), machine.publics);
}

function blinded(table: Table): Table {
  const first = table.main.length;
  const column = (index: number, name: string): MainColumn => ({ kind: "main", index, next: false, name });
  const count = column(first, "blind.count");
  const row = column(first + 1, "blind.row");
  return {
    ...table,
    main: [...table.main, count.name, row.name],
    interactions: [...table.interactions, { bus: blindBus, sign: 1, multiplicity: count, tuple: [row] }],
  };
}
