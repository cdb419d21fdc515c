import fc from 'fast-check'

// A run must say the same tomorrow: properties are tried from one seed, and `FC_SEED=…` tries others.
fc.configureGlobal({ seed: Number(process.env['FC_SEED'] ?? 20_261_122) })
