/** Paths of the API's resources. */
export const GROUP = 'openlit.io';
export const GROUP_VERSION = `${GROUP}/v1alpha1`;

/** @param group `''` for the core group, else `apps/v1` */
export function resourcePath(group: string, plural: string, namespace?: string, name?: string): string {
  const root = group === '' ? '/api/v1' : `/apis/${group}`;
  const inside = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}${inside}/${plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`;
}

export const INSTRUMENTATIONS = 'openlitinstrumentations';
export const DISCOVERED_SERVICES = 'discoveredservices';
