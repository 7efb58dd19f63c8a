/** As much of a terminal as the view needs: what a person would see. Lines that are too long wrap, as they do there. */
export class FakeScreen {
  readonly #lines: string[] = [''];
  #row = 0;
  readonly writes: string[] = [];
  columns: number | undefined;

  constructor(columns?: number) {
    this.columns = columns;
  }

  readonly write = (text: string): void => {
    this.writes.push(text);
    // eslint-disable-next-line no-control-regex -- these are what a terminal is told by
    for (const part of text.match(/\u001b\[\d*[A-Z]|[\r\n]|[^\u001b\r\n]+/g) ?? []) this.#take(part);
  };

  /** The lines that can be seen; the last one is where the cursor is. */
  get lines(): string[] {
    return this.#lines.slice(0, -1);
  }

  #take(part: string): void {
    const command = part.at(-1);
    if (part === '\n') this.#newLine();
    else if (part === '\r') return;
    else if (!part.startsWith('\u001b')) this.#print(part);
    else if (command === 'A') this.#row -= Number(part.slice(2, -1));
    else if (command === 'K') this.#lines[this.#row] = '';
    else if (command === 'J') this.#lines.splice(this.#row, Infinity, '');
    else throw new Error(`Not understood: ${JSON.stringify(part)}`);
    if (this.#row < 0) throw new Error('The cursor has left the screen.');
  }

  #newLine(): void {
    this.#row += 1;
    this.#lines[this.#row] ??= '';
  }

  #print(text: string): void {
    const columns = this.columns === undefined || this.columns === 0 ? 80 : this.columns;
    for (let rest = text; rest !== ''; rest = rest.slice(columns)) {
      this.#lines[this.#row] = rest.slice(0, columns);
      if (rest.length > columns) this.#newLine();
    }
  }
}
