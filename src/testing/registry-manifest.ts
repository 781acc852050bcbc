/** What a manifest names. */
export interface ManifestParts {
  readonly blobs: readonly string[];
  readonly manifests: readonly string[];
  readonly subject: string | undefined;
  readonly artifactType: string | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
}

interface ManifestJson {
  config?: { digest: string; mediaType: string };
  layers?: { digest: string; urls?: string[] }[];
  manifests?: { digest: string }[];
  subject?: { digest: string };
  artifactType?: string;
  annotations?: Record<string, string>;
}

export function readManifest(bytes: Buffer): ManifestParts {
  const {
    config,
    layers = [],
    manifests = [],
    subject,
    artifactType,
    annotations,
  } = JSON.parse(bytes.toString()) as ManifestJson;
  const stored = layers.filter((layer) => layer.urls === undefined).map((layer) => layer.digest);
  return {
    blobs: [...(config ? [config.digest] : []), ...stored],
    manifests: manifests.map((one) => one.digest),
    subject: subject?.digest,
    artifactType: artifactType ?? config?.mediaType,
    annotations,
  };
}
