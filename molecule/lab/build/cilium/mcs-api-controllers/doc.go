package controllers

// DerivedServiceAnnotation is the one name Cilium's operator takes from this package.
const DerivedServiceAnnotation = "multicluster.kubernetes.io/derived-service"
