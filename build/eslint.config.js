import boundaries from 'eslint-plugin-boundaries';
import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const here = new URL('.', import.meta.url).pathname;
const project = ['pure', 'node', 'preload', 'renderer', 'e2e'].map((name) => `${here}tsconfig/${name}.json`);

/** One importing file for each package that touches the outside (docs/decisions/0001-folders-are-walls.md). */
const onlyImporter = (name, files) => ({ name, files });
const singleImporters = [
  onlyImporter('pg-boss', ['src/operator/jobs/boss-jobs.ts', 'src/operator/jobs/boss-jobs.test.ts']),
  onlyImporter('prom-client', ['src/operator/operations/metrics.ts']),
  onlyImporter('libsql', ['src/main/storage/connection.ts']),
  onlyImporter('epc-tds', ['src/shared/epc.ts']),
  onlyImporter('usb', ['src/devices/transport/usb-package.ts']),
  onlyImporter('node-hid', ['src/devices/transport/hid.ts']),
  onlyImporter('serialport', ['src/devices/transport/serial.ts']),
];
const page = 'src/renderer/src';
const pageBase = ['renderer-i18n', 'renderer-theme', 'shared'];
const pageParts = [...pageBase, 'renderer-kiosk', 'renderer-ui', 'renderer-camera', 'renderer-testing'];
const consolePage = 'src/web/console';
const consoleParts = ['console-i18n', 'console-base', 'console-ui', 'web-ui', 'shared'];
const ofDevices = ['devices', 'devices-device', 'devices-protocol', 'devices-transport'];
const testkits = [
  'testkit',
  'testkit-updates',
  'testkit-core',
  'testkit-devices',
  'testkit-main',
  'testkit-operator',
];
/**
 * Folders are walls (docs/architecture.md#walls): name, folder, what it may import beside itself. The first
 * folder that fits a file counts, so inner ones come first.
 */
const walls = [
  // What needs Node but nothing of ours: not for pure code, nor for what runs in a page.
  ['shared-node', 'src/shared/node', ['shared']],
  ['shared', 'src/shared', []],
  ['core', 'src/core', ['shared']],
  ['devices-protocol', 'src/devices/protocol', ['shared']],
  ['devices-transport', 'src/devices/transport', ['shared', 'shared-node']],
  ['devices-device', 'src/devices/device', ['devices-protocol', 'devices-transport', 'shared']],
  [
    'devices',
    'src/devices',
    ['devices-device', 'devices-protocol', 'devices-transport', 'shared', 'shared-node'],
  ],
  ['main', 'src/main', ['core', 'updates', 'shared', 'shared-node']],
  // Signed releases: found, fetched, checked. For a process of its own, and for main.
  ['updates', 'src/updates', ['shared', 'shared-node']],
  // Starts the app of a slot, and goes back: it stands alone, whatever becomes of the rest.
  ['launcher', 'src/launcher', ['shared', 'shared-node']],
  ['preload', 'src/preload', ['shared']],
  // Inside the page: words and colours, its state, what every screen draws with, then a folder for each thing to do.
  ['renderer-i18n', `${page}/i18n`, ['shared']],
  ['renderer-theme', `${page}/theme`, ['renderer-i18n', 'shared']],
  ['renderer-kiosk', `${page}/kiosk`, [...pageBase, 'renderer-testing']],
  ['renderer-ui', `${page}/ui`, [...pageBase, 'renderer-kiosk']],
  ['renderer-camera', `${page}/camera`, ['shared']],
  // Of a view of its own, without screens: what pictures say is core's.
  ['renderer-goods', `${page}/goods`, ['renderer-camera', 'core', 'shared']],
  ['renderer-receipt', `${page}/features/receipt`, pageParts],
  ['renderer-shopping', `${page}/features/shopping`, [...pageParts, 'renderer-receipt']],
  ['renderer-face', `${page}/features/face`, pageParts],
  ['renderer-account', `${page}/features/account`, [...pageParts, 'renderer-face', 'renderer-receipt']],
  ['renderer-feature', `${page}/features/*`, pageParts],
  ['renderer-testing', `${page}/testing`, [...pageParts, 'renderer']],
  [
    'renderer',
    'src/renderer',
    [
      ...pageParts,
      'renderer-receipt',
      'renderer-shopping',
      'renderer-face',
      'renderer-account',
      'renderer-feature',
    ],
  ],
  // Pages that the operator serves to browsers, each a folder; what all of them draw with.
  ['web-ui', 'src/web/ui', ['shared']],
  // Inside the console: words, what asks and remembers, what every screen draws with, then a folder for each thing to do.
  ['console-i18n', `${consolePage}/i18n`, ['shared']],
  ['console-base', `${consolePage}/base`, ['console-i18n', 'shared']],
  ['console-ui', `${consolePage}/ui`, ['console-base', 'console-i18n', 'web-ui', 'shared']],
  ['console-acts', `${consolePage}/features/acts`, consoleParts],
  ['console-feature', `${consolePage}/features/*`, [...consoleParts, 'console-acts']],
  ['web-console', consolePage, [...consoleParts, 'console-acts', 'console-feature']],
  ['web-phone-testing', 'src/web/phone/testing', ['web-phone', 'shared']],
  ['web-phone', 'src/web/phone', ['web-phone-testing', 'web-ui', 'shared']],
  ['operator', 'src/operator', ['core', 'shared', 'shared-node']],
  // For tests, the simulation and e2e only: no program of the product may import it. A room for each part of the product.
  ['testkit-core', 'src/testkit/core', ['core', 'shared']],
  ['testkit-devices', 'src/testkit/devices', [...ofDevices, 'simulator', 'shared', 'shared-node']],
  ['testkit-main', 'src/testkit/main', ['main', 'core', 'testkit', 'testkit-core', 'shared', 'shared-node']],
  ['testkit-operator', 'src/testkit/operator', ['operator', 'core', 'testkit', 'shared', 'shared-node']],
  ['testkit-updates', 'src/testkit/updates', ['updates', 'testkit', 'shared', 'shared-node']],
  // The real app's operator is a program, on a database that is made.
  ['testkit', 'src/testkit', ['testkit-operator', 'simulator', 'shared', 'shared-node']],
  // The whole system in one process, under test: the only place that sees every part.
  [
    'simulator-system',
    'src/simulator/system',
    [
      ...testkits,
      'simulator',
      'operator',
      'main',
      'devices',
      'devices-transport',
      'devices-protocol',
      'core',
      'shared',
      'shared-node',
    ],
  ],
  // The way of the money under faults: whole programs of cabinets and operator, without screens, drivers and wires.
  [
    'simulator-charges',
    'src/simulator/charges',
    [
      ...['testkit', 'testkit-main', 'testkit-operator', 'simulator', 'simulator-system'],
      ...['operator', 'main', 'core', 'shared', 'shared-node'],
    ],
  ],
  // Programs that play the real app: `npm start`, the demo.
  ['simulator-run', 'src/simulator/run', ['testkit', 'simulator', 'shared', 'shared-node']],
  ['simulator', 'src/simulator', ['core', 'shared', 'devices-protocol']],
  // What runs in the virtual machine of `npm run hil`, and what plays the cabinet and the kiosk around it.
  // The packed app on slots (npm run package:test).
  ['e2e-updates', 'e2e/updates', ['testkit', 'updates', 'shared', 'shared-node']],
  ['hil-guest', 'e2e/hil/guest', ['devices', 'devices-transport', 'simulator', 'shared', 'shared-node']],
  ['hil', 'e2e/hil', ['hil-guest', 'simulator', 'simulator-system', 'main', 'shared', 'shared-node']],
  [
    'e2e',
    'e2e',
    [
      'testkit',
      'simulator',
      'simulator-run',
      'simulator-system',
      'web-phone-testing',
      'devices-protocol',
      'core',
      'shared',
      'shared-node',
    ],
  ],
];
/** What a file may not import; `one` is the package that is its own. */
const restrictedFor = (one) =>
  singleImporters
    .filter((other) => other !== one)
    .map(({ name, files }) => ({ name, message: `import it only in ${files.join(', ')}` }));
/** `...{ a, b }` says no more than `a, b`; it only keeps fields on one line. */
const plainNamesSpread = {
  selector:
    'SpreadElement > ObjectExpression:not(:has(> Property[shorthand=false])):not(:has(> SpreadElement))',
  message: 'write the names themselves: `a, b` instead of `...{ a, b }`',
};
const policies = (alsoAllowed) =>
  walls.map(([type, , mayImport]) => ({
    from: { element: { type } },
    allow: { to: { element: { type: [type, ...mayImport, ...alsoAllowed] } } },
  }));
const allFiles = ['**/*.{ts,tsx}'];

export default tseslint.config(
  { ignores: ['out/**', 'dist/**', 'node_modules/**', 'artifacts/**', 'coverage/**', '**/*.d.ts'] },
  {
    files: allFiles,
    languageOptions: { parser: tseslint.parser },
    linterOptions: { reportUnusedDisableDirectives: 'off' },
    plugins: { boundaries, '@typescript-eslint': tseslint.plugin },
    settings: {
      'import/resolver': { typescript: { project, noWarnOnMultipleProjects: true } },
      'boundaries/include': ['src/**/*', 'e2e/**/*'],
      'boundaries/elements': [...walls.map(([type, pattern]) => ({ type, pattern }))],
    },
    rules: {
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          policies: policies([]),
        },
      ],
      'no-console': 'error',
      'no-restricted-syntax': ['error', plainNamesSpread],
      'no-restricted-imports': ['error', { paths: restrictedFor(null) }],
    },
  },
  ...singleImporters.map((one) => ({
    files: one.files,
    rules: { 'no-restricted-imports': ['error', { paths: restrictedFor(one) }] },
  })),
  {
    // Only app.tsx knows the screens; what two of them need is a part of its own.
    files: [`${page}/{features,ui,kiosk}/**/*.{ts,tsx}`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: restrictedFor(null),
          patterns: [{ group: ['**/*-screen.tsx'], message: 'a screen imports no other screen' }],
        },
      ],
    },
  },
  {
    // Pure code: no clock, no randomness, no I/O.
    files: ['src/core/**/*.ts', 'src/shared/**/*.ts'],
    ignores: ['**/*.test.ts', 'src/shared/clock.ts', 'src/shared/node/**'],
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
    // zod stays out of every page but the console: types of a schema file only, values from the plain file beside it.
    files: ['src/renderer/**/*.{ts,tsx}', 'src/preload/**/*.ts', 'src/web/{ui,phone}/**/*.{ts,tsx}'],
    ignores: ['**/*.test.{ts,tsx}', 'src/renderer/src/testing/**', 'src/web/phone/testing/**'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: [{ name: 'zod', message: 'main parses; the page has no zod', allowTypeImports: false }],
          patterns: [
            {
              group: ['**/*.schema.ts', '**/shared/api/**'],
              message: 'import its types only; values come from the file beside it that has no zod',
              allowTypeImports: true,
            },
          ],
        },
      ],
    },
  },
  {
    files: ['src/{renderer,web}/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': hooks },
    rules: { ...hooks.configs.recommended.rules },
  },
  {
    files: ['**/*.test.{ts,tsx}', 'e2e/**/*.ts'],
    rules: {
      'boundaries/dependencies': ['error', { default: 'disallow', policies: policies(testkits) }],
    },
  },
  {
    // A driver's test has the supervisor above it and fakes at the other end of the wire.
    files: ['src/devices/**/*.test.ts'],
    rules: { 'boundaries/dependencies': 'off' },
  },
  {
    // Programs whose output is the terminal.
    files: [
      'src/simulator/**/*.ts',
      'src/testkit/**/*.ts',
      'src/operator/index.ts',
      'src/operator/cli/*-cli.ts',
      'e2e/**/*.ts',
      'src/devices/cli/*-cli.ts',
      'src/main/cli/*-cli.ts',
    ],
    rules: { 'no-console': 'off' },
  },
);
