export { toMontgomery } from "./field";
export { extend, extendCoefficients, interpolate, powers } from "./ntt";
export { hashRows, hashWords, hashPairs, hashJoin, grind } from "./blake3";
export { run } from "./vm";
export { dot, sumColumns, runningSum, fold, gather, reorder } from "./poly";
