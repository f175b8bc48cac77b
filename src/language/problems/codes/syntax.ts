import type { Explanations } from "../Explanation.ts";

export const syntax: Explanations = {};
