export declare function importsIn(
  files: readonly { readonly path: string; readonly text: string }[],
): Map<string, string[]>;
export declare function circlesIn(imports: ReadonlyMap<string, readonly string[]>): string[][];
