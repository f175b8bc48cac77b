import type { Explanations } from "../Explanation.ts";

export const effects: Explanations = {};
