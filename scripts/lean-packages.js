// What of the packages a run never needs, and how the bundle does without it. Each replacement has the reason beside
// it; test/program.test.ts runs the bundle. How much it saves is in docs/performance.md.

const NAMESPACE = 'lean';

/** CommonJS sources that stand in for a package, or for a file of one, in the bundle. */
const REPLACEMENTS = [
  {
    // A copy of Node's own streams for old Nodes and browsers. mqtt and winston bring one each.
    filter: /^readable-stream$/,
    source: "module.exports = require('node:stream');",
  },
  {
    filter: /^readable-stream\/lib\/_stream_writable\.js$/,
    source: "module.exports = require('node:stream').Writable;",
  },
  {
    // Timers of a browser's worker; here MQTT.js is given the program's clock.
    filter: /^worker-timers$/,
    source: 'module.exports = { setInterval, clearInterval };',
  },
  {
    // Only where MQTTJS_SOCKS_PROXY is set: made when it is first asked for.
    filter: /^socks$/,
    source: "module.exports = { get SocksClient() { return require('socks').SocksClient; } };",
  },
  {
    // Prints what winston does where DEBUG or DIAGNOSTICS ask for it, which may be secrets.
    filter: /^@dabh\/diagnostics$/,
    source: 'module.exports = () => Object.assign(() => {}, { enabled: false });',
  },
  {
    // Likewise for MQTT.js, which asks at each packet.
    filter: /^debug$/,
    source: 'module.exports = () => Object.assign(() => {}, { enabled: false });',
  },
  {
    // Without the transports to files and over HTTP, the colours, and a second logger.
    filter: /^winston$/,
    source: [
      "exports.createLogger = require('winston/lib/winston/create-logger');",
      "exports.format = { printf: require('logform/printf') };",
      "exports.transports = { Console: require('winston/lib/winston/transports/console') };",
    ].join('\n'),
  },
  {
    // The colours of the levels, which the log writes itself.
    filter: /^logform$/,
    source: 'exports.levels = (levels) => levels;',
  },
  {
    // convict reads the command line by it, and is given none.
    filter: /^yargs-parser$/,
    source: 'module.exports = () => ({});',
  },
];

/** An esbuild plugin that leaves out what no run needs. */
export const leanPackages = {
  name: 'lean-packages',
  setup({ onResolve, onLoad }) {
    for (const { filter, source } of REPLACEMENTS) {
      onResolve({ filter }, ({ path, resolveDir, namespace }) =>
        // What stands in for a package may ask for the package itself.
        namespace === NAMESPACE
          ? undefined
          : { path, namespace: NAMESPACE, pluginData: { source, resolveDir } },
      );
    }
    onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ pluginData: { source, resolveDir } }) => ({
      contents: source,
      resolveDir,
    }));
  },
};
