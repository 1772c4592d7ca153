package codes

// IsException reports whether a code is the name of an exception of Cognito, of a
// service that gives credentials, or of S3. This program's own codes are not.
func IsException(code string) bool {
	return ofCognito(code) || ofAll(code) || ofCredentials(code) || ofStore(code)
}

// ofCognito has the exceptions that Cognito's API defines. TestExceptionsOfAPIs
// tells when the SDK has another one, here and below.
func ofCognito(code string) bool {
	switch code {
	case "AccessDeniedException", "AliasExistsException", "CodeDeliveryFailureException", "CodeMismatchException",
		"ConcurrentModificationException", "DeviceKeyExistsException", "DuplicateProviderException",
		"EnableSoftwareTokenMFAException", "ExpiredCodeException", "FeatureUnavailableInTierException",
		"ForbiddenException", "GroupExistsException", "InternalErrorException", "InternalServerException",
		"InvalidEmailRoleAccessPolicyException", "InvalidLambdaResponseException", "InvalidOAuthFlowException",
		"InvalidParameterException", "InvalidPasswordException", "InvalidSmsRoleAccessPolicyException",
		"InvalidSmsRoleTrustRelationshipException", "InvalidUserPoolConfigurationException", "LimitExceededException",
		"MFAMethodNotFoundException", "ManagedLoginBrandingExistsException", "NotAuthorizedException",
		"OperationNotEnabledException", "PasswordHistoryPolicyViolationException", "PasswordResetRequiredException",
		"PreconditionNotMetException", "RefreshTokenReuseException", "ResourceNotFoundException",
		"ScopeDoesNotExistException", "ServiceQuotaExceededException", "SoftwareTokenMFANotFoundException",
		"TermsExistsException", "TierChangeNotAllowedException", "TooManyFailedAttemptsException",
		"TooManyRequestsException", "UnauthorizedException", "UnexpectedLambdaException",
		"UnsupportedIdentityProviderException", "UnsupportedOperationException", "UnsupportedTokenTypeException",
		"UnsupportedUserStateException", "UserImportInProgressException", "UserLambdaValidationException",
		"UserNotConfirmedException", "UserNotFoundException", "UserPoolAddOnNotEnabledException",
		"UserPoolTaggingException", "UsernameExistsException", "WebAuthnChallengeNotFoundException",
		"WebAuthnClientMismatchException", "WebAuthnConfigurationMissingException",
		"WebAuthnCredentialNotSupportedException", "WebAuthnNotEnabledException", "WebAuthnOriginNotAllowedException",
		"WebAuthnRelyingPartyMismatchException":
		return true
	}
	return false
}

// ofAll has what any service of AWS may answer, see
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/CommonErrors.html
// and the aliases that gateways, older protocols and emulators use.
func ofAll(code string) bool {
	switch code {
	case "AccessDenied", "ExpiredToken", "ExpiredTokenException",
		"IncompleteSignature", "IncompleteSignatureException", "InvalidSignature", "InvalidSignatureException", "SignatureDoesNotMatch",
		"InvalidClientTokenId", "UnrecognizedClient", "UnrecognizedClientException", "AuthFailure", "NotAuthorized", "UnauthorizedOperation",
		"MissingAuthenticationToken", "MissingAuthenticationTokenException", "OptInRequired",
		"InvalidAction", "InvalidActionException", "MissingAction", "UnknownOperation", "UnknownOperationException", "NotImplemented", "NotImplementedException",
		"InvalidParameterCombination", "InvalidParameterValue", "InvalidQueryParameter", "MissingParameter", "MalformedQueryString",
		"ValidationError", "ValidationException", "ValidationErrorException", "MalformedHttpRequest", "MalformedHttpRequestException",
		"SerializationException", "InvalidInputException", "InvalidRequest", "InvalidRequestException",
		"BadRequest", "BadRequestException", "NotFoundException", "ConflictException", "UnsupportedMediaTypeException", "RequestEntityTooLargeException",
		"InternalError", "InternalException", "InternalFailure", "InternalFailureException", "InternalServerError", "InternalServiceError", "InternalServiceException",
		"ServerException", "ServiceException", "ServiceUnavailable", "ServiceUnavailableException", "Unavailable", "BadGatewayException", "GatewayTimeoutException",
		"RequestAborted", "RequestAbortedException", "RequestTimeout", "RequestTimeoutException", "IntegrationTimeoutException",
		"RequestExpired", "RequestExpiredException", "RequestInTheFuture", "RequestTimeTooSkewed",
		"Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException", "RequestLimitExceeded",
		"TooManyRequests", "SlowDown", "BandwidthLimitExceeded", "LimitExceeded", "PriorRequestNotComplete", "ProvisionedThroughputExceededException",
		"TransactionInProgressException", "EC2ThrottledException":
		return true
	}
	return false
}

// ofCredentials has what STS, IAM Identity Center and the sign-in service answer.
func ofCredentials(code string) bool {
	switch code {
	case "AuthorizationPendingException", "ExpiredTradeInTokenException", "IDPCommunicationError", "IDPRejectedClaim",
		"InvalidAuthorizationMessageException", "InvalidClientException", "InvalidClientMetadataException",
		"InvalidGrantException", "InvalidIdentityToken", "InvalidRedirectUriException", "InvalidRequestRegionException",
		"InvalidScopeException", "JWTPayloadSizeExceededException", "MalformedPolicyDocument",
		"OutboundWebIdentityFederationDisabledException", "PackedPolicyTooLarge", "RegionDisabledException",
		"SessionDurationEscalationException", "SlowDownException", "TooManyRequestsError", "UnauthorizedClientException",
		"UnsupportedGrantTypeException":
		return true
	}
	return false
}

// ofStore has what S3 answers, see
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
// Where there is no body, the SDK makes a code of the words of the HTTP status.
func ofStore(code string) bool {
	switch code {
	case "AccountProblem", "AllAccessDisabled", "AuthorizationHeaderMalformed", "AuthorizationQueryParametersError", "BadDigest",
		"BucketAlreadyExists", "BucketAlreadyOwnedByYou", "ConditionalRequestConflict", "ContentSHA256Mismatch", "EntityTooLarge", "EntityTooSmall",
		"InvalidAccessKeyId", "InvalidArgument", "InvalidBucketName", "InvalidBucketState", "InvalidDigest",
		"InvalidEncryptionAlgorithmError", "InvalidObjectState", "InvalidPart", "InvalidPartOrder", "InvalidPayer", "InvalidRange", "InvalidSecurity",
		"InvalidStorageClass", "InvalidToken", "InvalidURI", "KeyTooLongError", "MalformedXML", "MetadataTooLarge",
		"MissingContentLength", "MissingSecurityHeader", "NoSuchBucket", "NoSuchKey", "NoSuchUpload", "NoSuchVersion",
		"NotSignedUp", "OperationAborted", "PermanentRedirect", "Redirect", "RequestHeaderSectionTooLarge",
		"TemporaryRedirect", "TokenRefreshRequired", "UserKeyMustBeSpecified", "XAmzContentSHA256Mismatch",
		"KMS.DisabledException", "KMS.InvalidKeyUsageException", "KMS.KMSInvalidStateException", "KMS.NotFoundException", "KMSDisabledException",
		// The API defines these besides, for other operations.
		"AnnotationLimitExceeded", "AnnotationNameTooLong", "EncryptionTypeMismatch", "IdempotencyParameterMismatch", "InvalidAnnotationName",
		"InvalidPrefix", "InvalidWriteOffset", "NoSuchAnnotation", "ObjectAlreadyInActiveTierError", "ObjectNotInActiveTierError",
		"TooManyParts", "UnsupportedMediaType",
		// HTTP.
		"BadGateway", "Conflict", "Forbidden", "Found", "GatewayTimeout", "Gone", "LengthRequired", "MethodNotAllowed", "MovedPermanently", "NotFound",
		"NotModified", "PreconditionFailed", "RequestEntityTooLarge", "RequestedRangeNotSatisfiable", "Unauthorized":
		return true
	}
	return false
}
