import type { Explanations } from "../Explanation.ts";

export const programs: Explanations = {};
