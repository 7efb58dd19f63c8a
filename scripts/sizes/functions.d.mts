export declare function functionsIn(files: readonly { readonly path: string; readonly text: string }[]): {
  readonly figures: readonly (readonly [size: number, what: string])[];
  readonly problems: readonly string[];
};
