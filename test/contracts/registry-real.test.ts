import { connectRegistry } from '../../services/runtime/registry.ts'
import { startTestKafka } from '../kafka.ts'
import { registryContract } from './registry.contract.ts'

registryContract('a Confluent-compatible registry', async () => {
  const platform = await startTestKafka()
  return { registry: connectRegistry({ url: platform.registryUrl }), close: () => platform.stop() }
})
