/** What a file is to hold, all of it or none: written beside it and renamed over it. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { cannotWrite } from "../session.ts";

export function replaceFile(path: string, content: string | Uint8Array): void {
  let beside: string | undefined;
  try {
    const target = existsSync(path) ? realpathSync(path) : path;
    const known = existsSync(path) ? statSync(target) : undefined;
    // A pipe or device is written to, and not replaced.
    if (known?.isFile() === false) {
      writeFileSync(target, content);
      return;
    }
    beside = `${target}.${process.pid}.tmp`;
    const file = openSync(beside, "wx", known?.mode);
    try {
      const bytes = typeof content === "string" ? Buffer.from(content) : content;
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, target);
  } catch (error) {
    if (beside !== undefined) rmSync(beside, { force: true });
    throw cannotWrite(path, error);
  }
}
