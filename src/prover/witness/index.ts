/** The witness of a run: from the machine's record to the columns of the tables. */
export * as Counts from "./Counts.ts";
export { closingTables, countPlaces, instructionTables, segments } from "./witness.ts";
