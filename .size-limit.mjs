/** The most that an entry may weigh in a bundle: with its dependencies but the SDK, minified and compressed. */
const common = {
  gzip: true,
  ignore: ['node:*'],
  modifyEsbuildConfig: (config) => ({ ...config, logLevel: 'error' }),
};

export default [
  { ...common, path: 'dist/index.js', limit: '53 kB' },
  { ...common, path: 'dist/node.js', limit: '58 kB' },
];
