/** The text of a new `openlit.yml`: every section with a comment, filled in with what the folder says about itself. Pure. */

export interface Detected {
  readonly serviceName?: string;
  readonly environment?: string;
  readonly endpoint?: string;
}

/**
 * A value that was found is written out; one that was not stands there as a comment.
 * @param schema where an editor finds our JSON schema from the file; absent where there is no path that lasts
 */
export function starterFile({ serviceName, environment, endpoint }: Detected, schema?: string): string {
  const line = (key: string, found: string | undefined, sample: string) =>
    found === undefined ? `# ${key}: ${sample}` : `${key}: ${JSON.stringify(found)}`;
  const head = schema === undefined ? '' : `# yaml-language-server: $schema=${schema}\n`;
  return `${head}# Settings of openlit-instrument. Flags and the environment are stronger than this file.
# Variables can be used in any value: \${NAME}, or \${NAME:-default}.

# Name of the service on everything that is reported.
${line('application_name', serviceName, 'my-app')}
${line('environment', environment, 'production')}

# OTLP base address. Without one the calls are shown in the terminal.
${line('endpoint', endpoint, 'http://localhost:4318')}
# protocol: http/protobuf        # or http/json, grpc
# headers:
#   authorization: "Bearer \${OTLP_TOKEN}"

instrumentation:
  enabled: true
  # disabled_libraries: [langchain]

traces:
  exporter: otlp                 # or console, none
  # sampling_rate: 1.0           # share of the traces that is kept, 0 to 1

metrics:
  enabled: true
  # export_interval: 60000       # milliseconds

content:
  # With off, no prompt and no answer leaves the program; span, event or both record them.
  capture: off
  # max_length: 4096             # characters kept of each message part

# filters:
#   exclude_endpoints: ["*.internal.example"]

# pricing:
#   file: ./prices.json          # in the form of OpenLIT's pricing.json
`;
}
