import type { Explanations } from "../Explanation.ts";

export const names: Explanations = {};
