import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import { layersPlugin } from './scripts/layers.mjs';

const runtimeFreeFiles = ['src/**/*.ts'];
const runtimeFiles = [
  'src/node.ts',
  'src/file-journal.ts',
  'src/http.ts',
  'src/node/**/*.ts',
  'src/cli/**/*.ts',
  'src/testing/http/**/*.ts',
];

export default tseslint.config(
  { ignores: ['dist', 'coverage', 'out', 'node_modules', 'test/package/consumer'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      // To leave properties out of a copy is to name them.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Methods that return a promise are written without `async` where the call must happen in the caller's turn.
      '@typescript-eslint/promise-function-async': 'off',
      'no-console': 'error',
    },
  },
  {
    files: runtimeFreeFiles,
    ignores: runtimeFiles,
    rules: {
      'no-restricted-globals': ['error', 'process', 'Buffer', 'global', 'require', 'window', 'document', 'self'],
      'no-restricted-imports': ['error', { patterns: ['node:*'] }],
    },
  },
  {
    files: ['src/**/*.ts'],
    plugins: { layers: layersPlugin },
    rules: {
      'layers/downwards': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'TSEnumDeclaration', message: 'Use a union of strings.' },
        {
          selector: "MemberExpression[object.name='AbortSignal'][property.name=/^(any|timeout)$/]",
          message: 'AbortSignal.any leaks on long-lived signals; AbortSignal.timeout cannot be cleared or injected.',
        },
      ],
    },
  },
  // A store may be synchronous inside: `async` turns what it throws into a rejection.
  { files: ['src/journal/**/*.ts', 'src/node/journal/**/*.ts'], rules: { '@typescript-eslint/require-await': 'off' } },
  {
    files: ['**/*.mjs', '**/*.js', '**/*.cjs'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'process',
          'console',
          'Buffer',
          'URL',
          'fetch',
          'AbortController',
          'setTimeout',
          'clearTimeout',
          'setInterval',
          'clearInterval',
          'performance',
          'structuredClone',
          'Response',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
  { files: ['test/**/*.ts', 'scripts/**', 'examples/**', 'src/cli/**'], rules: { 'no-console': 'off' } },
);
