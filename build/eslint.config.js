import js from '@eslint/js';
import boundaries from 'eslint-plugin-boundaries';
import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const here = new URL('.', import.meta.url).pathname;
const project = ['pure', 'node', 'preload', 'renderer', 'e2e'].map((name) => `${here}tsconfig/${name}.json`);

/** One importing file for each package that touches the outside (architecture, rule 1). */
const onlyImporter = (name, files) => ({ name, files });
const singleImporters = [
  onlyImporter('libsql', ['src/main/storage/database.ts']),
  onlyImporter('electron-store', ['src/main/config.ts']),
];
const allFiles = ['**/*.{ts,tsx}'];

export default tseslint.config(
  { ignores: ['out/**', 'dist/**', 'node_modules/**', 'artifacts/**', 'coverage/**', '**/*.d.ts'] },
  {
    files: ['build/**/*.{js,mjs}'],
    ...js.configs.recommended,
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
      },
    },
  },
  {
    files: allFiles,
    extends: [js.configs.recommended, ...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project, tsconfigRootDir: here } },
    plugins: { boundaries },
    settings: {
      'import/resolver': { typescript: { project } },
      'boundaries/include': ['src/**/*', 'e2e/**/*'],
      'boundaries/elements': [
        { type: 'shared', pattern: 'src/shared', mode: 'folder' },
        { type: 'core', pattern: 'src/core', mode: 'folder' },
        { type: 'devices-protocol', pattern: 'src/devices/protocol', mode: 'folder' },
        { type: 'devices-transport', pattern: 'src/devices/transport', mode: 'folder' },
        { type: 'devices-device', pattern: 'src/devices/device', mode: 'folder' },
        { type: 'devices', pattern: 'src/devices', mode: 'folder' },
        { type: 'main', pattern: 'src/main', mode: 'folder' },
        { type: 'preload', pattern: 'src/preload', mode: 'folder' },
        { type: 'renderer', pattern: 'src/renderer', mode: 'folder' },
        { type: 'operator', pattern: 'src/operator', mode: 'folder' },
        { type: 'simulator', pattern: 'src/simulator', mode: 'folder' },
        { type: 'e2e', pattern: 'e2e', mode: 'folder' },
      ],
    },
    rules: {
      'boundaries/element-types': [
        'error',
        {
          default: 'disallow',
          rules: [
            { from: 'shared', allow: ['shared'] },
            { from: 'core', allow: ['core', 'shared'] },
            { from: 'devices-protocol', allow: ['devices-protocol', 'shared'] },
            { from: 'devices-transport', allow: ['devices-transport', 'shared'] },
            {
              from: 'devices-device',
              allow: ['devices-device', 'devices-protocol', 'devices-transport', 'shared'],
            },
            {
              from: 'devices',
              allow: ['devices', 'devices-device', 'devices-protocol', 'devices-transport', 'shared'],
            },
            { from: 'main', allow: ['main', 'core', 'shared'] },
            { from: 'preload', allow: ['preload', 'shared'] },
            { from: 'renderer', allow: ['renderer', 'shared'] },
            { from: 'operator', allow: ['operator', 'core', 'shared'] },
            { from: 'simulator', allow: ['simulator', 'core', 'shared', 'devices-protocol'] },
            { from: 'e2e', allow: ['e2e', 'simulator', 'shared'] },
          ],
        },
      ],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'no-console': 'error',
      'no-restricted-imports': [
        'error',
        {
          paths: singleImporters.map(({ name, files }) => ({
            name,
            message: `import it only in ${files.join(', ')}`,
          })),
        },
      ],
    },
  },
  ...singleImporters.map((one) => ({
    files: one.files,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: singleImporters
            .filter((o) => o !== one)
            .map(({ name, files }) => ({ name, message: `import it only in ${files.join(', ')}` })),
        },
      ],
    },
  })),
  {
    // Pure code: no clock, no randomness, no I/O.
    files: ['src/core/**/*.ts', 'src/shared/**/*.ts'],
    ignores: ['**/*.test.ts', 'src/shared/clock.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        'Date',
        'performance',
        'setTimeout',
        'setInterval',
        'process',
        'fetch',
        'window',
        'document',
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random' },
        { object: 'Date', property: 'now' },
      ],
    },
  },
  {
    files: ['src/renderer/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': hooks },
    rules: { ...hooks.configs.recommended.rules },
  },
  {
    files: ['**/*.test.{ts,tsx}', 'e2e/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    // Programs whose output is the terminal.
    files: ['src/simulator/**/*.ts', 'src/operator/index.ts', 'e2e/**/*.ts', 'src/devices/codec-cli.ts'],
    rules: { 'no-console': 'off' },
  },
);
