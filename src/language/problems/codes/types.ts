import type { Explanations } from "../Explanation.ts";

export const types: Explanations = {};
