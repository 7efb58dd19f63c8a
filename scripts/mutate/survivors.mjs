/**
 * Why some mutants survive, and may. `mutant` is how it is printed, or its beginning; `at`, where that is not enough to tell it
 * from others in its file, a piece of the line that it is on. Lines may move.
 */
export const explanations = [];
