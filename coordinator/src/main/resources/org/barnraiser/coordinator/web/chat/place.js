const PATIENCE_MILLIS = 5_000;

/**
 * Where answers are computed now: the stages of the plan, head first; where the model has several pipelines, those of the others too.
 *
 * @returns {Promise<?{model: string, fingerprint: string, stages: {worker: string, host: string, first: number, last: number}[], others: object[][]}>}
 *   null when it cannot be told
 */
export async function currentPlace() {
  try {
    const cluster = await (await fetch('/api/cluster', { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MILLIS) })).json();
    const hosts = new Map(cluster.workers.map(({ worker, hostName }) => [worker, hostName ?? '']));
    const [stages = [], ...others] = cluster.plan.pipelines.map((pipeline) => pipeline.stages
      .map(({ worker, first, last }) => ({ worker, host: hosts.get(worker) ?? '', first, last })));
    return { model: cluster.model.name, fingerprint: `sha256:${cluster.model.digest}`, stages, others };
  } catch {
    return null;
  }
}
