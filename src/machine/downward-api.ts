/**
 * The variables by which a pod's author lets the program know where it runs. Kubernetes gives them no fixed names; these
 * are the ones that charts, operators and the OpenTelemetry injector use.
 */
export const DOWNWARD_API = {
  podName: ['K8S_POD_NAME', 'KUBERNETES_POD_NAME', 'POD_NAME', 'MY_POD_NAME'],
  podUid: ['K8S_POD_UID', 'POD_UID', 'MY_POD_UID'],
  namespace: ['K8S_NAMESPACE_NAME', 'K8S_NAMESPACE', 'KUBERNETES_NAMESPACE', 'POD_NAMESPACE', 'MY_POD_NAMESPACE'],
  node: ['K8S_NODE_NAME', 'KUBERNETES_NODE_NAME', 'NODE_NAME', 'MY_NODE_NAME'],
  container: ['K8S_CONTAINER_NAME', 'CONTAINER_NAME'],
  deployment: ['K8S_DEPLOYMENT_NAME'],
  cluster: ['K8S_CLUSTER_NAME'],
} as const;

/** The kubelet puts this one into every container. */
export const IN_A_POD = 'KUBERNETES_SERVICE_HOST';

/** A pod's host name is its name unless the pod says otherwise, so it is used only when it has the form of one. */
export function podHostName(host: string | undefined): string | undefined {
  const name = host?.trim();
  return name !== undefined && /-[a-z0-9]{5}$/.test(name) ? name : undefined;
}
