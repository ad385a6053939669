import { memoryRegistry } from '../../services/runtime/registry.ts'
import { registryContract } from './registry.contract.ts'

registryContract('a registry in memory', () =>
  Promise.resolve({ registry: memoryRegistry(), close: () => Promise.resolve() }),
)
