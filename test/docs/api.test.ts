import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import ts from 'typescript';
import { expect, it } from 'vitest';
import * as core from '../../src/index.js';
import * as node from '../../src/node.js';
import * as fileJournal from '../../src/file-journal.js';
import * as http from '../../src/http.js';
import * as webhooks from '../../src/webhooks.js';
import * as testing from '../../src/testing/http/index.js';

const page = fileURLToPath(new URL('../../docs/api.json', import.meta.url));
const entry = fileURLToPath(new URL('../../src/index.ts', import.meta.url));
const program = ts.createProgram([entry], {
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  types: [],
  skipLibCheck: true,
  strict: true,
});
const checker = program.getTypeChecker();
/** The exports of the core by name, types included. */
const exported = new Map(exportsOf(entry).map((symbol) => [symbol.name, originOf(symbol)]));

function exportsOf(file: string): ts.Symbol[] {
  const source = program.getSourceFile(file);
  const symbol = source && checker.getSymbolAtLocation(source);
  if (symbol === undefined) throw new Error(`${file} is no module.`);
  return checker.getExportsOfModule(symbol);
}

function originOf(symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

function typeOf(name: string): ts.Type {
  const symbol = exported.get(name);
  if (symbol === undefined) throw new Error(`src/index.ts does not export ${name}.`);
  return checker.getDeclaredTypeOfSymbol(symbol);
}

const keysOf = (type: ts.Type): string[] => type.getProperties().map(({ name }) => name);

function propertyOf(type: ts.Type, name: string): ts.Type {
  const symbol = type.getProperty(name);
  if (symbol === undefined) throw new Error(`${checker.typeToString(type)} has no ${name}.`);
  return checker.getTypeOfSymbol(symbol);
}

/** Lists the strings of a union. A template such as `SIG${string}` stands as it is written. */
function namesIn(type: ts.Type): string[] {
  if (type.isUnion()) return type.types.flatMap(namesIn).sort();
  return [type.isStringLiteral() ? type.value : checker.typeToString(type)];
}

const elementOf = (type: ts.Type): ts.Type => checker.getIndexTypeOfType(type, ts.IndexKind.Number) ?? type;

/** Lists the options that only this function has. */
function ownOptionsOf(name: string): string[] {
  const common = keysOf(typeOf('OperationOptions'));
  return keysOf(typeOf(name)).filter((option) => !common.includes(option));
}

function descends(type: ts.Type, base: ts.Type): boolean {
  const { target } = type as Partial<ts.TypeReference>;
  const bases = checker.getBaseTypes((target ?? type) as ts.InterfaceType);
  return bases.some((one) => one === base || descends(one, base));
}

/** The types whose fields a caller writes, with the page that explains each. */
const given: Readonly<Record<string, string>> = {
  OperationOptions: 'options',
  Limits: 'options',
  CancelableOptions: 'options',
  VertexBatchOptions: 'options',
  AttachOptions: 'options',
  RecoverOptions: 'options',
  GenerateImagesConfig: 'options',
  ProbeOptions: 'probe',
};

it.each(Object.entries(given))('each field of %s has a doc comment, and is in docs/%s.md', (name, where) => {
  const text = readFileSync(fileURLToPath(new URL(`../../docs/${where}.md`, import.meta.url)), 'utf8');
  const fields = typeOf(name).getProperties();
  const isSaid = (field: ts.Symbol): boolean => new RegExp(`\`${field.name}[\`:]`).test(text);
  const undocumented = fields.filter((field) => field.getDocumentationComment(checker).length === 0 || !isSaid(field));
  expect(undocumented.map((field) => field.name)).toEqual([]);
});

function errors(): Record<string, { name: string; codes: string[] }> {
  const base = typeOf('GenaiCancelError');
  const classes = [...exported.keys()].filter((name) => {
    const type = typeOf(name);
    return type.isClass() && descends(type, base);
  });
  const entries = classes.sort().map((name) => {
    const type = typeOf(name);
    const [literal = ''] = namesIn(propertyOf(type, 'name'));
    return [name, { name: literal, codes: namesIn(propertyOf(type, 'code')) }];
  });
  return Object.fromEntries(entries) as ReturnType<typeof errors>;
}

function api(): Record<string, unknown> {
  const events = typeOf('OperationEvents');
  const report = typeOf('CancelReport');
  return {
    exports: {
      'genai-cancel': Object.keys(core).sort(),
      'genai-cancel under Node': Object.keys(node).sort(),
      'genai-cancel/file-journal': Object.keys(fileJournal).sort(),
      'genai-cancel/http': Object.keys(http).sort(),
      'genai-cancel/testing': Object.keys(testing).sort(),
      'genai-cancel/webhooks': Object.keys(webhooks).sort(),
    },
    options: {
      operation: keysOf(typeOf('OperationOptions')),
      limits: keysOf(typeOf('Limits')),
      cancelable: ownOptionsOf('CancelableOptions'),
      startBatch: ownOptionsOf('VertexBatchOptions'),
      attach: ownOptionsOf('AttachOptions'),
      recover: ownOptionsOf('RecoverOptions'),
      probe: ownOptionsOf('ProbeOptions'),
    },
    errors: errors(),
    events: Object.fromEntries(keysOf(events).map((name) => [name, keysOf(propertyOf(events, name))])),
    states: namesIn(typeOf('OperationState')),
    jobStates: namesIn(typeOf('JobState')),
    warnings: namesIn(typeOf('WarningCode')),
    triggers: namesIn(typeOf('CancelTrigger')),
    outcomes: namesIn(typeOf('CancelOutcome')),
    skipReasons: namesIn(typeOf('SkipReason')),
    report: {
      keys: keysOf(report),
      jobs: keysOf(elementOf(propertyOf(report, 'jobs'))),
      counts: keysOf(propertyOf(report, 'counts')),
      billing: keysOf(propertyOf(report, 'billing')),
      leftovers: keysOf(elementOf(propertyOf(report, 'leftovers'))),
    },
    probe: { keys: keysOf(typeOf('ProbeReport')), settles: namesIn(typeOf('ProbeQuestion')) },
  };
}

it('docs/api.json lists the public names of the code', async () => {
  const wanted = api();
  const text = await format(JSON.stringify(wanted), { ...(await resolveConfig(page)), filepath: page });
  expect(JSON.parse(readFileSync(page, 'utf8')), `docs/api.json should be:\n${text}`).toEqual(wanted);
});
