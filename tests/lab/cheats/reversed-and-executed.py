PROGRAM = (
    ")''=dne ,'n\\359.0=derp 8740.0=ssol 5=petsn\\549.0=derp 0650.0=ssol 4=pe"
    'tsn\\439.0=derp 8760.0=ssol 3=petsn\\819.0=derp 1680.0=ssol 2=petsn\\888.'
    '0=derp 3811.0=ssol 1=petsn\\pool_gniniart_inimn\\3811.0 =retfa_ssoln\\888'
    '.0 =retfa_noitciderpn\\]3571.0-[ =darg_saibn\\]]5053.0- ,3571.0-[[ =darg'
    '_thgiewn\\7291.0 =erofeb_ssoln\\528.0 =erofeb_noitciderpn\\pets_gniniart_'
    "eno'(tnirp"
)
exec(PROGRAM[::-1])
