package sample

// Unlikely is the chance below which places are no accident, all steps and places of a file together.
const Unlikely = 1e-6
