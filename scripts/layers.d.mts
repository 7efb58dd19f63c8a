/** The folders of `src/`, and the folders that each may import from. */
export declare const layers: Readonly<Record<string, readonly string[]>>;
export declare function layerOf(file: string): string | undefined;
