import { cpus, loadavg, platform, release, totalmem } from 'node:os'

/** Where the figures were made. The load says how much of the machine others had. */
export const describeMachine = () => {
  const cores = cpus()
  const machine = {
    cpu: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()}`,
    node: process.version,
    load: Number((loadavg()[0] ?? 0).toFixed(1)),
    at: new Date().toISOString(),
  }
  const { cpu, memoryGb, system, node, load, at } = machine
  return {
    ...machine,
    text: `${cpu}, ${machine.cores} cores, ${memoryGb} GB, ${system}, Node ${node}, load ${load}, ${at}`,
  }
}
