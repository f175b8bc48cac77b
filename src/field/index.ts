/** The front door of field: the prime field, its extension of degree 5, the reference transform. */
export * as BabyBear from "./BabyBear.ts";
export * as Ext from "./Ext.ts";
export * as Ntt from "./ntt.ts";
