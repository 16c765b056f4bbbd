/** The operator's file of settings, made by the Helm chart: what it says is checked once, at the start. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod/mini';
import { fileReason, Problem } from '../../errors.js';
import type { InstrumentationSpec, OperatorSettings } from '../../operator/facts.js';

const text = () => z.string().check(z.minLength(1));
const port = () => z.int().check(z.minimum(0), z.maximum(65_535));
const quantities = () => z.record(z.string(), z.string());
const needs = () => z.strictObject({ requests: z.optional(quantities()), limits: z.optional(quantities()) });
const variable = () =>
  z.strictObject({
    name: text(),
    value: z.optional(z.string()),
    valueFrom: z.optional(z.record(z.string(), z.unknown())),
  });
const language = () => z.strictObject({ image: z.optional(text()), env: z.optional(z.array(variable())) });

/** `spec` of an OpenlitInstrumentation; the CRD (`deploy/chart/crds`) has the same fields with the server's checks. */
const SPEC = z.strictObject({
  exporter: z.optional(
    z.strictObject({
      endpoint: z.optional(text()),
      protocol: z.optional(z.enum(['grpc', 'http/protobuf', 'http/json'])),
      tls: z.optional(
        z.strictObject({
          secretName: z.optional(text()),
          configMapName: z.optional(text()),
          ca: z.optional(text()),
          cert: z.optional(text()),
          key: z.optional(text()),
        }),
      ),
    }),
  ),
  env: z.optional(z.array(variable())),
  propagators: z.optional(z.array(text())),
  sampler: z.optional(z.strictObject({ type: text(), argument: z.optional(z.string()) })),
  resource: z.optional(
    z.strictObject({
      attributes: z.optional(z.record(z.string(), z.string())),
      addUids: z.optional(z.boolean()),
      useLabels: z.optional(z.boolean()),
    }),
  ),
  captureContent: z.optional(z.boolean()),
  languages: z.optional(
    z.strictObject({
      python: z.optional(language()),
      nodejs: z.optional(language()),
      java: z.optional(language()),
      dotnet: z.optional(language()),
      ruby: z.optional(language()),
      sdk: z.optional(language()),
    }),
  ),
});

const FILE = z.strictObject({
  /** Where the operator lives; in a pod it is known. */
  namespace: z.optional(text()),
  images: z.strictObject({
    own: text(),
    java: z.optional(text()),
    dotnet: z.optional(text()),
    ruby: z.optional(text()),
  }),
  imagePullPolicy: z.optional(z.enum(['Always', 'IfNotPresent', 'Never'])),
  excludedNamespaces: z._default(z.array(text()), ['kube-system', 'kube-node-lease', 'kube-public']),
  defaults: z.optional(SPEC),
  unknownImage: z._default(z.enum(['leave', 'assume-empty']), 'leave'),
  /** Whether an image's own configuration is asked of its registry. */
  readImages: z._default(z.boolean(), true),
  copyResources: z._default(needs(), {
    requests: { cpu: '10m', memory: '32Mi' },
    // Copied files count as memory of who wrote them, until the kernel has put them away.
    limits: { cpu: '500m', memory: '256Mi' },
  }),
  observerResources: z._default(needs(), {
    requests: { cpu: '10m', memory: '96Mi' },
    limits: { memory: '256Mi' },
  }),
  volumeSize: z._default(text(), '50Mi'),
  user: z._default(z.int().check(z.minimum(1)), 65_532),
  webhook: z._default(
    z.strictObject({
      /** Name of the MutatingWebhookConfiguration; without one nothing is written there. */
      configuration: z.optional(text()),
      /** Name of the Service through which the API server calls. */
      service: z.optional(text()),
      /** Names or addresses beside those of the Service. */
      hosts: z._default(z.array(text()), []),
      port: z._default(port(), 9443),
      address: z._default(text(), '0.0.0.0'),
      /** A folder with `tls.crt` and `tls.key`, kept by cert-manager; without one we make certificates. */
      certificateFolder: z.optional(text()),
      certificateSecret: z._default(text(), 'openlit-instrument-operator-certificate'),
    }),
    { hosts: [], port: 9443, address: '0.0.0.0', certificateSecret: 'openlit-instrument-operator-certificate' },
  ),
  /** `/healthz`, `/readyz` and `/metrics`. */
  healthPort: z._default(port(), 8080),
  /** Whether statuses are written and workloads restarted where a resource asks for it. */
  controller: z._default(z.boolean(), true),
  /** Whether a DiscoveredService is kept for each workload that seems to talk to a model. */
  discover: z._default(z.boolean(), false),
});

export type OperatorFile = z.infer<typeof FILE>;

/** @throws Problem */
export function readOperatorFile(file: string): OperatorFile {
  let given: unknown;
  try {
    given = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw wrong(file, [(error as NodeJS.ErrnoException).code ? fileReason(error) : (error as Error).message]);
  }
  const read = FILE.safeParse(given ?? {});
  if (read.success) return read.data;
  throw wrong(
    file,
    read.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`),
  );
}

const wrong = (file: string, details: readonly string[]): Problem =>
  new Problem({
    code: 'OPERATOR_SETTINGS',
    message: `${file} cannot be used as the operator's settings`,
    details,
    exit: 2,
  });

/** What the one function is told of it. */
export function forMutation(file: OperatorFile, namespace: string, nativeSidecars: boolean): OperatorSettings {
  const { images, excludedNamespaces, unknownImage, copyResources, observerResources, volumeSize, user } = file;
  return {
    ownNamespace: namespace,
    excludedNamespaces,
    images: { java: '', dotnet: '', ruby: '', ...present(images) },
    unknownImage,
    nativeSidecars,
    copyResources: present(copyResources),
    observerResources: present(observerResources),
    volumeSize,
    user,
    ...(file.imagePullPolicy === undefined ? {} : { imagePullPolicy: file.imagePullPolicy }),
    ...(file.defaults === undefined ? {} : { defaults: file.defaults as InstrumentationSpec }),
  };
}

/** Without the fields that hold nothing: absent is not undefined. */
function present<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
