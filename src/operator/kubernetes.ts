/** The parts of Kubernetes' objects that we read or write (API v1). Fields that we do not name go through untouched. */

export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: Readonly<Record<string, unknown>>;
}

export interface EnvFrom {
  readonly prefix?: string;
  readonly configMapRef?: { readonly name: string; readonly optional?: boolean };
  readonly secretRef?: { readonly name: string; readonly optional?: boolean };
}

export interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: boolean;
}

export type Quantities = Readonly<Record<string, string>>;

export interface ResourceNeeds {
  readonly requests?: Quantities;
  readonly limits?: Quantities;
}

export interface SecurityContext {
  readonly runAsUser?: number;
  readonly runAsNonRoot?: boolean;
  readonly seLinuxOptions?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly imagePullPolicy?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly EnvVar[];
  readonly envFrom?: readonly EnvFrom[];
  readonly resources?: ResourceNeeds;
  readonly volumeMounts?: readonly VolumeMount[];
  readonly securityContext?: SecurityContext;
  /** `Always` on an init container: a native sidecar. */
  readonly restartPolicy?: string;
  readonly lifecycle?: Readonly<Record<string, unknown>>;
}

export interface Volume {
  readonly name: string;
  readonly [source: string]: unknown;
}

export interface Metadata {
  readonly name?: string;
  readonly generateName?: string;
  readonly uid?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly Volume[];
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly nodeName?: string;
  readonly os?: { readonly name: string };
  readonly securityContext?: SecurityContext;
}

export interface Pod {
  readonly metadata?: Metadata;
  readonly spec: PodSpec;
}
