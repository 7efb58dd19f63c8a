import { afterAll, describe, expect, it, vi } from 'vitest';
import { leftOutOn } from '../support/runtime.js';
import { conformance } from './conformance.js';
import { drivers } from './drivers.js';
import { Table } from './table.js';

const table = new Table();

// Of what cannot be cancelled, where nobody listens.
vi.spyOn(console, 'warn').mockImplementation(() => undefined);

for (const driver of drivers) conformance(driver, table);

describe('the table', () => {
  const noVertex = leftOutOn({ Chromium: 'Half of the table is Vertex, which no page can reach.' });
  it('has no cell that is neither reached nor explained', noVertex, () => {
    expect(table.gaps(drivers)).toEqual([]);
  });
});

afterAll(() => console.log(`\n${table.print(drivers)}\n`));
