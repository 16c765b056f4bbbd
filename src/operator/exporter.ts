/** Where telemetry goes and how much of it, as variables; TLS with the volumes and mounts that its files need. */
import { VARIABLES } from '../config/variables.js';
import { type ClusterResources, type InstrumentationSpec, type Reason, reason, type Tls } from './facts.js';
import type { EnvVar, Volume, VolumeMount } from './kubernetes.js';
import { TLS_MOUNT, VOLUME } from './names.js';

const SAMPLERS = /^(parentbased_)?(always_on|always_off|traceidratio|jaeger_remote)$|^xray$/;
const PROPAGATORS = new Set(['tracecontext', 'baggage', 'b3', 'b3multi', 'jaeger', 'xray', 'ottrace', 'none']);

/** A resource that cannot work as it is written; undefined: it can. */
export function faultOf(spec: InstrumentationSpec, resources: ClusterResources, namespace: string): Reason | undefined {
  const { sampler, propagators = [] } = spec;
  if (sampler !== undefined && !SAMPLERS.test(sampler.type)) {
    return reason('bad-sampler', `there is no sampler ${sampler.type}`);
  }
  if (sampler?.type.endsWith('traceidratio') && sampler.argument !== undefined && !isShare(sampler.argument)) {
    return reason('bad-sampler', `the sampler's argument has to be a number from 0 to 1, not ${sampler.argument}`);
  }
  const unknown = propagators.find(name => !PROPAGATORS.has(name));
  if (unknown !== undefined) return reason('bad-sampler', `there is no propagator ${unknown}`);
  return tlsFault(spec, resources, namespace) ?? variableFault(spec, resources, namespace);
}

const isShare = (text: string): boolean => text.trim() !== '' && Number(text) >= 0 && Number(text) <= 1;

function tlsFault(
  { exporter }: InstrumentationSpec,
  resources: ClusterResources,
  namespace: string,
): Reason | undefined {
  const tls = exporter?.tls;
  if (tls === undefined) return undefined;
  // A pod with a volume of a missing Secret never starts.
  const missing = (kind: string, name: string | undefined, keys: readonly string[] | null | undefined) =>
    name !== undefined && keys == null
      ? reason('tls-missing', `the exporter's ${kind} ${name} is not in namespace ${namespace}`)
      : undefined;
  return (
    missing('Secret', tls.secretName, resources.secrets[tls.secretName ?? '']) ??
    missing('ConfigMap', tls.configMapName, resources.configMaps[tls.configMapName ?? ''])
  );
}

/** A container with a variable from a missing Secret never starts. What could not be read is believed. */
function variableFault(
  { env = [], languages = {} }: InstrumentationSpec,
  resources: ClusterResources,
  namespace: string,
): Reason | undefined {
  for (const { name, valueFrom } of [...env, ...Object.values(languages).flatMap(one => one?.env ?? [])]) {
    for (const [kind, keys] of [
      ['secretKeyRef', resources.secrets],
      ['configMapKeyRef', resources.configMaps],
    ] as const) {
      const source = valueFrom?.[kind] as { name: string; key: string; optional?: boolean } | undefined;
      if (source === undefined || source.optional === true) continue;
      const found = keys[source.name];
      if (found === undefined || found?.includes(source.key)) continue;
      const text = `${name} comes from key ${source.key} of ${source.name}, which is not in namespace ${namespace}`;
      return reason('variable-missing', text);
    }
  }
  return undefined;
}

/** Said, and nothing more: telemetry arrives, but not as the resource's author believes. */
export function mismatchOf({ exporter }: InstrumentationSpec): Reason | undefined {
  if (exporter?.tls === undefined || !exporter.endpoint?.startsWith('http:')) return undefined;
  return reason('tls-mismatch', `${exporter.endpoint} is not https, so the TLS files of the exporter are not used`);
}

/** What we derive of the resource, the least of all sources. */
export function exporterVariables(spec: InstrumentationSpec): EnvVar[] {
  const { endpoint, tls } = spec.exporter ?? {};
  const one = (name: string, value: string | undefined): EnvVar[] => (value === undefined ? [] : [{ name, value }]);
  const ca = tls?.configMapName !== undefined ? 'configmap' : 'secret';
  return [
    ...one(VARIABLES.endpoint, endpoint),
    ...one(VARIABLES.protocol, protocolOf(spec)),
    ...one(VARIABLES.certificate, fileOf(tls, tls?.ca, ca)),
    ...one(VARIABLES.clientCertificate, fileOf(tls, tls?.cert, 'secret')),
    ...one(VARIABLES.clientKey, fileOf(tls, tls?.key, 'secret')),
    ...one(VARIABLES.propagators, spec.propagators?.length ? spec.propagators.join(',') : undefined),
  ];
}

/** Neither of the two where the program has one of them: an argument without its sampler means something else. */
export function samplerVariables({ sampler }: InstrumentationSpec): EnvVar[] {
  if (sampler === undefined) return [];
  const { type, argument } = sampler;
  const argued = argument === undefined ? [] : [{ name: VARIABLES.tracesSamplerArg, value: argument }];
  return [{ name: VARIABLES.tracesSampler, value: type }, ...argued];
}

/** The port says it where nobody does: 4317 is gRPC's, and an SDK that speaks HTTP there sends nothing. */
export function protocolOf({ exporter }: InstrumentationSpec): string | undefined {
  if (exporter?.protocol !== undefined) return exporter.protocol;
  if (exporter?.endpoint === undefined) return undefined;
  return /:4317\/?$/.test(exporter.endpoint) ? 'grpc' : 'http/protobuf';
}

function fileOf(tls: Tls | undefined, key: string | undefined, kind: 'secret' | 'configmap'): string | undefined {
  if (key === undefined) return undefined;
  const inVolume = kind === 'secret' ? tls?.secretName : tls?.configMapName;
  return key.startsWith('/') || inVolume === undefined ? key : `${TLS_MOUNT}/${kind}-${inVolume}/${key}`;
}

export interface Mounted {
  readonly volume: Volume;
  readonly mount: VolumeMount;
}

/** Secret and ConfigMap of the exporter, each once. */
export function tlsVolumes({ exporter }: InstrumentationSpec): readonly Mounted[] {
  const { secretName, configMapName } = exporter?.tls ?? {};
  const one = (kind: string, name: string, source: object): Mounted => ({
    volume: { name: volumeName(kind, name), ...source },
    mount: { name: volumeName(kind, name), mountPath: `${TLS_MOUNT}/${kind}-${name}`, readOnly: true },
  });
  return [
    ...(secretName === undefined ? [] : [one('secret', secretName, { secret: { secretName } })]),
    ...(configMapName === undefined ? [] : [one('configmap', configMapName, { configMap: { name: configMapName } })]),
  ];
}

/** A volume's name is a label of DNS: no dots, and 63 characters at most. */
const volumeName = (kind: string, name: string): string =>
  `${VOLUME}-${kind}-${name.replaceAll('.', '-')}`.slice(0, 63).replace(/-+$/, '');
